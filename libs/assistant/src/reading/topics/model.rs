//! The linear model: a row of small weights per feature, and the file it is kept in.
//!
//! The file: `PTM1`, the fingerprint of the data it was trained from (8 bytes), the number of rows (4), a scale per
//! output (4 each), the keys of the rows in ascending order (4 each), the rows (a signed byte per output). All
//! little-endian. Nothing is unpacked: a key is searched where it stands.

use std::borrow::Cow;
use std::sync::LazyLock;

use dealer::Language;

use crate::reading::analysis::Intent;

/// Intents, then whether to escalate, then languages.
pub(super) const OUTPUTS: usize = Intent::ALL.len() + 1 + Language::ALL.len();

const ESCALATE: usize = Intent::ALL.len();

const MAGIC: &[u8; 4] = b"PTM1";
const HEAD: usize = 4 + 8 + 4 + 4 * OUTPUTS;

static BUILTIN: LazyLock<Model> = LazyLock::new(|| {
    Model::read(Cow::Borrowed(include_bytes!("../model/topics.bin").as_slice())).unwrap_or_default()
});

/// A trained model.
#[derive(Debug, Clone, Default)]
pub struct Model {
    bytes: Cow<'static, [u8]>,
    rows: usize,
    scales: [f32; OUTPUTS],
}

impl Model {
    /// The one that is shipped.
    pub fn builtin() -> &'static Self {
        &BUILTIN
    }

    /// Reads a model as [`Model::bytes`] gives it; nothing where these bytes are none.
    pub fn read(bytes: Cow<'static, [u8]>) -> Option<Self> {
        let rows = usize::try_from(u32::from_le_bytes(bytes.get(12..16)?.try_into().ok()?)).ok()?;
        if bytes.get(..4)? != MAGIC || bytes.len() != HEAD + rows * (4 + OUTPUTS) {
            return None;
        }
        let mut scales = [0.0; OUTPUTS];
        for (scale, bytes) in scales.iter_mut().zip(bytes[16..HEAD].chunks_exact(4)) {
            *scale = f32::from_le_bytes(bytes.try_into().ok()?);
        }
        Some(Self { bytes, rows, scales })
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

    /// Packs rows of weights, which must be sorted by key; those that are nothing but small are left out.
    pub(super) fn pack(fingerprint: u64, rows: &[(u32, [f32; OUTPUTS])]) -> Self {
        let mut scales = [f32::MIN_POSITIVE; OUTPUTS];
        for (_, row) in rows {
            for (scale, weight) in scales.iter_mut().zip(row) {
                *scale = scale.max(weight.abs() / f32::from(i8::MAX));
            }
        }
        let packed: Vec<(u32, [i8; OUTPUTS])> = rows
            .iter()
            .map(|(key, row)| (*key, quantised(row, &scales)))
            .filter(|(_, row)| row.iter().any(|weight| *weight != 0))
            .collect();
        let mut bytes = Vec::with_capacity(HEAD + packed.len() * (4 + OUTPUTS));
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&fingerprint.to_le_bytes());
        bytes.extend_from_slice(&u32::try_from(packed.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(scales.iter().flat_map(|scale| scale.to_le_bytes()));
        bytes.extend(packed.iter().flat_map(|(key, _)| key.to_le_bytes()));
        bytes.extend(packed.iter().flat_map(|(_, row)| row).flat_map(|weight| weight.to_le_bytes()));
        Self { rows: packed.len(), scales, bytes: Cow::Owned(bytes) }
    }

    fn key(&self, row: usize) -> u32 {
        let at = HEAD + 4 * row;
        self.bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
    }

    /// The weights of a feature, one signed byte per output.
    fn row(&self, key: u32) -> Option<&[u8]> {
        let (mut low, mut high) = (0, self.rows);
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
        let at = HEAD + 4 * self.rows + OUTPUTS * low;
        self.bytes.get(at..at + OUTPUTS)
    }

    /// Adds what a feature weighs.
    pub(super) fn add(&self, key: u32, value: f32, sum: &mut Sum) {
        let Some(row) = self.row(key) else { return };
        for (sum, weight) in sum.0.iter_mut().zip(row) {
            *sum += value * f32::from(i8::from_le_bytes([*weight]));
        }
    }

    /// What a feature says for one intent.
    pub(super) fn says(&self, key: u32, value: f32, intent: Intent) -> f32 {
        let output = intent as usize;
        let weight = self.row(key).and_then(|row| row.get(output)).copied().unwrap_or_default();
        value * f32::from(i8::from_le_bytes([weight])) * self.scales[output]
    }
}

fn quantised(row: &[f32; OUTPUTS], scales: &[f32; OUTPUTS]) -> [i8; OUTPUTS] {
    let mut packed = [0; OUTPUTS];
    for ((packed, weight), scale) in packed.iter_mut().zip(row).zip(scales) {
        *packed = small(weight / scale);
    }
    packed
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range first")]
fn small(weight: f32) -> i8 {
    weight.round().clamp(-127.0, 127.0) as i8
}

/// What the features seen so far add up to, before scaling.
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
    pub fn outputs(self, model: &Model) -> Outputs {
        let mut scores = self.0;
        for (score, scale) in scores.iter_mut().zip(model.scales) {
            *score *= scale;
        }
        probabilities(&scores)
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
