//! Words that tell what a figure is of and what it limits.

use super::text::Words;

pub(super) const MOST: Words = Words(
    "max maximaal maximum maximal tot onder hooguit hoogstens hochstens under below unter bis within \
    budget binnen upto minder beneden rond around ongeveer circa ca roughly about etwa ungefahr rund \
    plafond besteden uitgeven spend ausgeben niet boven over above uber ueber meer more mehr less \
    weniger grens limit limiet maxi top hoger exceed overschrijden kosten cost zum",
);
pub(super) const LEAST: Words = Words(
    "vanaf minimaal minstens minimum min minimal from ab mindestens least starting na after nach sinds \
    tenminste vanuit jonger seit",
);
pub(super) const EURO: &[&str] =
    &["euro", "eur", "euros", "euries", "eurootjes", "piek", "euri", "pounds", "e", "euro's"];
pub(super) const MONTH: Words = Words(
    "maand maandelijks month monthly monat monatlich mtl pm maandbedrag monatsrate pcm mnd maandlasten \
    monatliche",
);
/// Money that is no budget.
pub(super) const OTHER_MONEY: Words = Words(
    "aanbetaling aanbetalen aanbetaald inleg inleggen leg eigen deposit down downpayment anzahlung \
    anzahlen bod bied bieden geboden bid factuur rekening invoice rechnung betaald paid bezahlt korting \
    discount rabatt slottermijn schuld borg verdien salaris inkomen gehalt earn biete offer geef \
    inruilprijs inruil schade kwijt vraagprijs asking upfront geleden afschrijving",
);
pub(super) const DISTANCE: Words = Words(
    "km kms kilometer kilometers kmtjes kilometertjes tkm km's kilometern miles mile kilo kilometerstand \
    dkm klm laufleistung",
);
pub(super) const YEAR_BEFORE: Words = Words(
    "uit van bj bouwjaar baujahr ez erstzulassung year from vanaf ab jaar na after nach voor before vor \
    tot since sinds seit jahrgang jahr tussen between zwischen en reg registered minimaal min modeljaar \
    aus",
);
