//! The linear model: a row of small weights per feature, and the file it is kept in.
//!
//! The file: `PTM2`, the fingerprint of the data it was trained from (8 bytes), the number of rows (4), the weight of the
//! heaviest row (4), the keys of the rows in ascending order (4 each), the rows: a byte for how heavy it is, half a byte per
//! output. All little-endian. Nothing is unpacked: a key is searched where it stands.

use std::borrow::Cow;
use std::sync::LazyLock;

use dealer::Language;

use crate::reading::analysis::Intent;

/// Intents, then whether to escalate, then languages.
pub(super) const OUTPUTS: usize = Intent::ALL.len() + 1 + Language::ALL.len();

const ESCALATE: usize = Intent::ALL.len();

const MAGIC: &[u8; 4] = b"PTM2";
const HEAD: usize = 4 + 8 + 4 + 4;

/// A byte for the scale, and two weights a byte.
const ROW: usize = 1 + OUTPUTS.div_ceil(2);

/// How many first bits of a key are looked up at once, and how many there are of these.
const INDEX_BITS: u32 = 12;
const INDEX: usize = 1 << INDEX_BITS;

/// A weight is so many steps at most, up or down.
const STEPS: f32 = 7.0;

/// Rows are this many steps of their scale apart before one is half as heavy as another.
const HALVES: f32 = 8.0;

static BUILTIN: LazyLock<Model> = LazyLock::new(|| {
    Model::read(Cow::Borrowed(include_bytes!("../model/topics.bin").as_slice())).unwrap_or_default()
});

/// A trained model.
#[derive(Debug, Clone, Default)]
pub struct Model {
    bytes: Cow<'static, [u8]>,
    rows: usize,
    /// What one step weighs, by the first byte of a row.
    scales: Vec<f32>,
    /// The first row of the keys that begin with these bits.
    starts: Vec<u32>,
}

impl Model {
    /// The one that is shipped.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads a model as [`Model::bytes`] gives it; nothing where these bytes are none.
    pub fn read(bytes: Cow<'static, [u8]>) -> Option<Self> {
        let rows = usize::try_from(u32::from_le_bytes(bytes.get(12..16)?.try_into().ok()?)).ok()?;
        let heaviest = f32::from_le_bytes(bytes.get(16..20)?.try_into().ok()?);
        if bytes.get(..4)? != MAGIC || bytes.len() != HEAD + rows * (4 + ROW) {
            return None;
        }
        let scales =
            (0..=u8::MAX).map(|scale| heaviest / STEPS * (-f32::from(scale) / HALVES).exp2()).collect();
        let mut model = Self { bytes, rows, scales, starts: Vec::new() };
        model.starts = model.starts();
        Some(model)
    }

    /// Keys are evenly spread, so the first bits of one lead close to its row.
    fn starts(&self) -> Vec<u32> {
        let mut starts = Vec::with_capacity(INDEX + 1);
        for row in 0..self.rows {
            let first = first_bits(self.key(row));
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            starts.resize(starts.len().max(first + 1), row);
        }
        starts.resize(INDEX + 1, u32::try_from(self.rows).unwrap_or(u32::MAX));
        starts
    }

    /// The model as it is kept in a file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The fingerprint of the data it was trained from; 0 for no model at all.
    pub fn fingerprint(&self) -> u64 {
        self.bytes.get(4..12).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
    }

    /// How many features it knows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Packs rows of weights, which must be sorted by key; those that weigh nothing are left out.
    pub(super) fn pack(fingerprint: u64, rows: &[(u32, [f32; OUTPUTS])]) -> Self {
        let heaviest = rows.iter().map(|(_, row)| weight_of(row)).fold(f32::MIN_POSITIVE, f32::max);
        let packed: Vec<(u32, [u8; ROW])> =
            rows.iter().filter_map(|(key, row)| Some((*key, packed(row, heaviest)?))).collect();
        let mut bytes = Vec::with_capacity(HEAD + packed.len() * (4 + ROW));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&fingerprint.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(packed.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(&heaviest.to_le_bytes());
        bytes.extend(packed.iter().flat_map(|(key, _)| key.to_le_bytes()));
        bytes.extend(packed.iter().flat_map(|(_, row)| row));
        Self::read(Cow::Owned(bytes)).unwrap_or_default()
    }

    fn key(&self, row: usize) -> u32 {
        let at = HEAD + 4 * row;
        self.bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
    }

    /// The weights of a feature: a byte for their scale, then two a byte.
    fn row(&self, key: u32) -> Option<&[u8]> {
        let first = first_bits(key);
        let [start, end] = self.starts.get(first..first + 2)? else { return None };
        let mut low = usize::try_from(*start).ok()?;
        let mut high = usize::try_from(*end).ok()?;
        while low < high {
            let middle = low.midpoint(high);
            if self.key(middle) < key {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low == self.rows || self.key(low) != key {
            return None;
        }
        let at = HEAD + 4 * self.rows + ROW * low;
        self.bytes.get(at..at + ROW)
    }

    /// Gives the weight of a feature for each output, in their order.
    fn each(&self, key: u32, mut each: impl FnMut(usize, f32)) {
        let Some((scale, pairs)) = self.row(key).and_then(|row| row.split_first()) else { return };
        let scale = self.scales.get(usize::from(*scale)).copied().unwrap_or_default();
        for (at, pair) in pairs.iter().enumerate() {
            for (at, half) in [(2 * at, pair & 15), (2 * at + 1, pair >> 4)] {
                each(at, scale * (f32::from(half) - STEPS));
            }
        }
    }

    /// Adds what a feature weighs.
    pub(super) fn add(&self, key: u32, value: f32, sum: &mut Sum) {
        let Some((scale, pairs)) = self.row(key).and_then(|row| row.split_first()) else { return };
        let value = value * self.scales.get(usize::from(*scale)).copied().unwrap_or_default();
        for (sums, pair) in sum.0.chunks_mut(2).zip(pairs) {
            for (sum, half) in sums.iter_mut().zip([pair & 15, pair >> 4]) {
                *sum += value * (f32::from(half) - STEPS);
            }
        }
    }

    /// What a feature says for one intent.
    pub(super) fn says(&self, key: u32, value: f32, intent: Intent) -> f32 {
        let mut says = 0.0;
        self.each(key, |output, weight| {
            if output == intent as usize {
                says = value * weight;
            }
        });
        says
    }
}

/// The bits by which a key is looked up.
fn first_bits(key: u32) -> usize {
    usize::try_from(key >> (u32::BITS - INDEX_BITS)).unwrap_or_default()
}

/// The weight of a row is that of its heaviest output.
fn weight_of(row: &[f32; OUTPUTS]) -> f32 {
    row.iter().fold(0.0, |most, weight| most.max(weight.abs()))
}

/// A row as it is kept; none where it weighs nothing beside the heaviest one.
fn packed(row: &[f32; OUTPUTS], heaviest: f32) -> Option<[u8; ROW]> {
    let weight = weight_of(row);
    let scale = ((heaviest / weight).log2() * HALVES).floor();
    if weight <= 0.0 || scale > f32::from(u8::MAX) {
        return None;
    }
    let step = heaviest / STEPS * (-scale / HALVES).exp2();
    let mut packed = [0; ROW];
    packed[0] = small(scale);
    for (output, weight) in row.iter().enumerate() {
        let half = small((weight / step).round().clamp(-STEPS, STEPS) + STEPS);
        packed[1 + output / 2] |= half << (4 * (output % 2));
    }
    Some(packed)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range first")]
fn small(number: f32) -> u8 {
    number.round().clamp(0.0, 255.0) as u8
}

/// What the features seen so far add up to.
#[derive(Debug, Default)]
pub(super) struct Sum([f32; OUTPUTS]);

/// Probabilities.
pub(super) struct Outputs {
    pub intents: [f32; Intent::ALL.len()],
    pub escalate: f32,
    pub languages: [f32; Language::ALL.len()],
}

impl Sum {
    /// The probabilities of everything that may be.
    pub fn outputs(&self) -> Outputs {
        probabilities(&self.0)
    }
}

pub(super) fn probabilities(scores: &[f32; OUTPUTS]) -> Outputs {
    let mut outputs =
        Outputs { intents: [0.0; Intent::ALL.len()], escalate: 0.0, languages: [0.0; Language::ALL.len()] };
    outputs.intents.copy_from_slice(&scores[..ESCALATE]);
    outputs.languages.copy_from_slice(&scores[ESCALATE + 1..]);
    softmax(&mut outputs.intents);
    softmax(&mut outputs.languages);
    outputs.escalate = 1.0 / (1.0 + (-scores[ESCALATE]).exp());
    outputs
}

fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
    }
    let sum: f32 = scores.iter().sum();
    for score in scores {
        *score /= sum;
    }
}
