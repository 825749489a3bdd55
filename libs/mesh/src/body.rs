//! The body of an answer, guarded: a panic in a stream is an error, and a stopping server ends its streams.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as HttpBody, Frame, SizeHint};
use lifecycle::Stop;
use tonic::Status;
use tonic::body::Body;
use tracing::error;

/// Wraps what a handler answers with.
pub(crate) struct Guarded {
    inner: Option<Body>,
    stop: Stop,
    /// Made when the body first keeps its reader waiting, which only streams do.
    stopping: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Guarded {
    pub(crate) fn wrap(inner: Body, stop: Stop) -> Body {
        if inner.is_end_stream() {
            return inner;
        }
        Body::new(Self { inner: Some(inner), stop, stopping: None })
    }

    fn end_with(&mut self, status: &Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.inner = None;
        let mut trailers = HeaderMap::new();
        let added = status.add_header(&mut trailers);
        Poll::Ready(Some(added.map(|()| Frame::trailers(trailers))))
    }
}

impl HttpBody for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(inner) = &mut this.inner else { return Poll::Ready(None) };
        let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(inner).poll_frame(context)));
        match polled {
            Ok(Poll::Ready(frame)) => return Poll::Ready(frame),
            Ok(Poll::Pending) => {}
            Err(panic) => {
                error!(panic = crate::incoming::panic_text(panic.as_ref()), "a stream panicked");
                return this.end_with(&Status::internal("internal error"));
            }
        }
        let stop = &this.stop;
        let stopping = this.stopping.get_or_insert_with(|| {
            let stop = stop.clone();
            Box::pin(async move { stop.requested().await })
        });
        match stopping.as_mut().poll(context) {
            Poll::Ready(()) => this.end_with(&Status::unavailable("server is stopping, connect again")),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
