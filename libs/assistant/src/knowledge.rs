//! What is known before a message is read: the dealer, and the names of cars.

use std::ops::Deref;
use std::sync::Arc;

use dealer::{Dealer, DealerConfig, DealerError};

use crate::reading::{Context, Gazetteer};
use crate::word;

/// A dealer with the names of makes and models that his customers may use.
#[derive(Clone, Debug)]
pub struct Knowledge {
    /// Who answers.
    pub dealer: Arc<Dealer>,
    /// Makes and models, the inventory's own included.
    pub gazetteer: Arc<Gazetteer>,
}

impl Knowledge {
    /// What is known with this dealer.
    pub fn of(dealer: Arc<Dealer>) -> Self {
        let names = dealer.inventory.cars().iter().map(|car| (car.make.as_str(), car.model.as_str()));
        let gazetteer = Arc::new(Gazetteer::with_cars(names));
        Self { dealer, gazetteer }
    }

    /// What is known with the dealer used when none is configured.
    pub fn builtin() -> Self {
        Self::of(Arc::new(Dealer::builtin()))
    }

    /// What is known with the configured dealer, whose reply texts are checked.
    pub fn configured(config: &DealerConfig) -> Result<Self, DealerError> {
        Dealer::configured(config, Some(word::check_override)).map(|dealer| Self::of(Arc::new(dealer)))
    }

    /// What is known before a message to this dealer is read, with so many numbered slots just offered.
    pub fn context(&self, offered_slots: u32) -> Context<'_> {
        Context { offered_slots, gazetteer: &self.gazetteer, ..Context::default() }
    }
}

impl Deref for Knowledge {
    type Target = Dealer;

    fn deref(&self) -> &Dealer {
        &self.dealer
    }
}

#[cfg(test)]
mod tests {
    use dealer::{BUILTIN, BUILTIN_INVENTORY};

    use super::*;
    use crate::reading::analyze;

    #[test]
    fn a_car_that_only_this_dealer_sells_is_understood() {
        let more = "x1,Spyker,Venator,,2013,1000,95000,petrol,automatic,coupe,black,,\n";
        let dealer = Dealer::parse(BUILTIN, &format!("{BUILTIN_INVENTORY}{more}")).unwrap();
        let now = "2026-03-11T10:00:00+01:00[Europe/Amsterdam]".parse().unwrap();
        let make_of =
            |knowledge: &Knowledge| analyze("heb je een venator?", &now, &knowledge.context(0)).entities.make;
        assert_eq!(make_of(&Knowledge::of(Arc::new(dealer))).as_deref(), Some("Spyker"));
        assert_eq!(make_of(&Knowledge::builtin()), None);
    }
}
