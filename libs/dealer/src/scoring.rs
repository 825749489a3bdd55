//! Points per signal, and what a sum of points means.

/// Points per signal of interest and the thresholds of a lead's status (`[scoring]`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scoring {
    /// A definite make or model.
    pub car: u32,
    /// A price or monthly limit.
    pub budget: u32,
    /// It must be soon.
    pub urgency: u32,
    /// Wants to see or drive a car.
    pub test_drive: u32,
    /// Has a car to trade in.
    pub trade_in: u32,
    /// Gave a name with a way to be reached.
    pub contact_details: u32,
    /// Asked about lease or a loan.
    pub financing: u32,
    /// So many points and more are HOT.
    pub hot: u32,
    /// So many points and more are WARM; fewer are COLD.
    pub warm: u32,
}

impl Default for Scoring {
    /// 125 points in all.
    fn default() -> Self {
        Self {
            car: 30,
            budget: 20,
            urgency: 20,
            test_drive: 20,
            trade_in: 15,
            contact_details: 10,
            financing: 10,
            hot: 80,
            warm: 40,
        }
    }
}

impl Scoring {
    /// The names `[scoring]` knows: the signals, then the thresholds.
    pub const NAMES: [&str; 9] =
        ["car", "budget", "urgency", "test_drive", "trade_in", "contact_details", "financing", "hot", "warm"];

    /// The value called `name`, to be changed; `None` when there is none.
    pub(crate) fn named(&mut self, name: &str) -> Option<&mut u32> {
        Some(match name {
            "car" => &mut self.car,
            "budget" => &mut self.budget,
            "urgency" => &mut self.urgency,
            "test_drive" => &mut self.test_drive,
            "trade_in" => &mut self.trade_in,
            "contact_details" => &mut self.contact_details,
            "financing" => &mut self.financing,
            "hot" => &mut self.hot,
            "warm" => &mut self.warm,
            _ => return None,
        })
    }
}
