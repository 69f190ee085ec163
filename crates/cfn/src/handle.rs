//! Handles: typed references to resources of a template.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use crate::val::Val;

/// The logical id of a resource together with its type. Created only by
/// [`Template::add`](crate::Template::add).
pub struct Handle<R> {
    id: Cow<'static, str>,
    resource: PhantomData<fn() -> R>,
}

impl<R> Handle<R> {
    pub(crate) fn new(id: Cow<'static, str>) -> Self {
        Self {
            id,
            resource: PhantomData,
        }
    }

    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `Ref`. What it returns depends on the resource type, so the service's file wraps it in a named method.
    pub(crate) fn reference<T>(&self) -> Val<T> {
        Val::reference(self.id.clone())
    }

    /// `Fn::GetAtt`.
    pub(crate) fn attribute<T>(&self, attribute: &'static str) -> Val<T> {
        Val::attribute(self.id.clone(), attribute)
    }
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self::new(self.id.clone())
    }
}

impl<R> fmt::Debug for Handle<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}
