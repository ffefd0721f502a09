//! The server: a thread with a small runtime that hands requests to the world and carries out faults.
//!
//! Must not know AWS.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    thread::JoinHandle,
    time::Duration,
};

use http_body_util::BodyExt;
use hyper::{
    Response,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use crate::{control, fault::FaultKind, reply::Reply, request::Request, world::World};

/// The world as the server's thread and the test share it.
#[derive(Debug, Clone)]
pub(crate) struct Shared(Arc<Mutex<World>>);

impl Shared {
    pub(crate) fn new(world: World) -> Self {
        Self(Arc::new(Mutex::new(world)))
    }

    /// A panic of one request must not hide the log from the test.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running server; stops when dropped.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on 127.0.0.1; port 0 is any free one.
    pub(crate) fn start(port: u16, shared: Shared) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("fake-aws".to_owned()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, shared) => {}
                    _ = stopped => {}
                }
            });
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Waits until the server ends by itself, which it does only if its socket fails.
    pub(crate) fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The thread sees the other end vanish.
        drop(self.stop.take());
        self.wait();
    }
}

async fn serve(listener: TcpListener, shared: Shared) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // A connection that died before it was taken, or no file descriptor left for the moment.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = shared.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| respond(shared.clone(), request));
            // Errors here are cut connections, on either side: nobody is left to be told.
            drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn respond(shared: Shared, request: hyper::Request<Incoming>) -> io::Result<Response<ReplyBody>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let request = Request { method: head.method, uri: head.uri, headers: head.headers, body };
    if request.path().starts_with(control::PREFIX) {
        let mut world = shared.lock();
        let reply = control::answer(&mut world, &request);
        return render(&world, reply, false);
    }
    let asked = request.asked();
    let fault = shared.lock().faults.take(&asked.action);
    if let Some(FaultKind::Slow { milliseconds }) = fault {
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }
    let mut world = shared.lock();
    let reply = world.answer(&request, &asked, fault.as_ref());
    // An error of the service makes hyper close the connection without a word.
    let reply = reply.ok_or_else(|| io::Error::from(io::ErrorKind::ConnectionAborted))?;
    render(&world, reply, matches!(fault, Some(FaultKind::CutMidway)))
}

fn render(world: &World, reply: Reply, cut: bool) -> io::Result<Response<ReplyBody>> {
    let date = world.clock.wire().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let mut response = Response::builder()
        .status(reply.status)
        .header("date", date)
        .header("content-length", reply.body.len());
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    response.body(ReplyBody::new(reply.body, cut)).map_err(io::Error::other)
}

/// A body that may break off.
enum ReplyBody {
    Whole(Option<Bytes>),
    /// The first half is still to be sent.
    Half(Bytes),
    /// Hyper gets the chance to flush before the cut.
    Pause,
    Cut,
}

impl ReplyBody {
    fn new(text: String, cut: bool) -> Self {
        let mut bytes = Bytes::from(text);
        if cut {
            bytes.truncate(bytes.len() / 2);
            return Self::Half(bytes);
        }
        Self::Whole(Some(bytes))
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut *self {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Half(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Pause;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Self::Pause => {
                *self = Self::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Cut => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Half(_) | Self::Pause | Self::Cut => SizeHint::default(),
        }
    }
}
