use std::borrow::Cow;

/// The text of a statement: a constant, or one that was put together from constants.
#[derive(Clone, Debug)]
pub struct Sql(Cow<'static, str>);

impl Sql {
    /// Takes text that was put together at run time. It is made of constants, engine words and numbers of our own; **data goes into
    /// parameters**. Each different text stays prepared, so let there be few of them.
    pub fn built(text: String) -> Self {
        Self(Cow::Owned(text))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_text(self) -> Cow<'static, str> {
        self.0
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}
