//! Words that tell what a figure is of and what it limits; they stand in `words/*/amounts.txt`.

use super::words::{Role, Tag};

pub(super) const MOST: Tag = Tag(Role::Amounts, "most");
/// "Rond de 17 mille".
pub(super) const ABOUT: Tag = Tag(Role::Amounts, "about");
pub(super) const LEAST: Tag = Tag(Role::Amounts, "least");
pub(super) const EURO: Tag = Tag(Role::Amounts, "currency");
pub(super) const MONTH: Tag = Tag(Role::Amounts, "month");
/// Money that is no budget.
pub(super) const OTHER_MONEY: Tag = Tag(Role::Amounts, "other_money");
pub(super) const DISTANCE: Tag = Tag(Role::Amounts, "distance");
pub(super) const YEAR_BEFORE: Tag = Tag(Role::Amounts, "year_before");
