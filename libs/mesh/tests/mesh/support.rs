//! A small gRPC service written by hand, and a client of it, on either arm of the mesh.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{FutureExt, Stream, StreamExt, stream};
use http::uri::PathAndQuery;
use lifecycle::Stop;
use mesh::{Mesh, Peers, Server, ServiceName, Wire};
use tokio::task::JoinHandle;
use tonic::body::Body;
use tonic::codec::Streaming;
use tonic::server::NamedService;
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::Service;

#[derive(Clone, PartialEq, prost::Message)]
pub struct Words {
    #[prost(string, tag = "1")]
    pub text: String,
}

pub fn words(text: impl Into<String>) -> Words {
    Words { text: text.into() }
}

/// Does what the words of a request say; `further` is where it calls on.
#[derive(Clone)]
pub struct Echo {
    pub further: Option<Wire>,
}

impl NamedService for Echo {
    const NAME: &'static str = "test.v1.Echo";
}

impl Echo {
    async fn ask(self, request: Request<Words>) -> Result<Response<Words>, Status> {
        let text = request.get_ref().text.clone();
        let answer = match text.split_once(':').unwrap_or((&text, "")) {
            ("caller", _) => mesh::caller(&request).map_or("nobody", |caller| caller.as_str()).to_owned(),
            ("left", _) => mesh::time_left().map_or(String::new(), |left| left.as_millis().to_string()),
            ("sleep", millis) => {
                tokio::time::sleep(Duration::from_millis(millis.parse().unwrap())).await;
                "awake".to_owned()
            }
            ("invalid", _) => return Err(mesh::invalid("text", "must be better")),
            ("refused", _) => {
                let mut status = mesh::refused("OPTED_OUT", "contact has opted out");
                status.metadata_mut().insert("x-more", "more".parse().unwrap());
                return Err(status);
            }
            ("panic", _) => panic!("told to panic"),
            ("big", size) => "x".repeat(size.parse().unwrap()),
            ("further", rest) => {
                let mut client = Client::new(self.further.clone().unwrap());
                client.ask(rest).await?.into_inner().text
            }
            ("metadata", _) => {
                let value = request.metadata().get("x-test").unwrap().clone();
                let mut response = Response::new(words("see metadata"));
                response.metadata_mut().insert("x-answer", value);
                return Ok(response);
            }
            _ => text,
        };
        Ok(Response::new(words(answer)))
    }

    fn watch(request: &Request<Words>) -> Pin<Box<dyn Stream<Item = Result<Words, Status>> + Send>> {
        let item = |text: &str| Ok(words(text));
        match request.get_ref().text.as_str() {
            "slow" => stream::iter(1..=5)
                .then(move |number| async move {
                    tokio::time::sleep(Duration::from_millis(60)).await;
                    item(&number.to_string())
                })
                .boxed(),
            "panic" => stream::iter(1..=2)
                .map(move |number| if number == 2 { panic!("told to panic") } else { item("1") })
                .boxed(),
            "fail" => stream::iter([item("1"), Err(mesh::refused("OPTED_OUT", "no more"))]).boxed(),
            "forever" => stream::iter([item("1")]).chain(stream::pending()).boxed(),
            _ => stream::iter([item("1"), item("2"), item("3")]).boxed(),
        }
    }
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let mut grpc = tonic::server::Grpc::new(ProstCodec::<Words, Words>::default());
        let echo = self.clone();
        async move {
            let answer = match request.uri().path() {
                "/test.v1.Echo/Ask" => {
                    let ask = tower::service_fn(move |request| echo.clone().ask(request));
                    grpc.unary(ask, request).await
                }
                "/test.v1.Echo/Watch" => {
                    let watch =
                        tower::service_fn(|request| async move { Ok(Response::new(Echo::watch(&request))) });
                    grpc.server_streaming(watch, request).await
                }
                _ => Status::unimplemented("no such method").into_http(),
            };
            Ok(answer)
        }
        .boxed()
    }
}

#[derive(Clone)]
pub struct Client(tonic::client::Grpc<Wire>);

impl Client {
    pub fn new(wire: Wire) -> Self {
        Self(tonic::client::Grpc::new(wire))
    }

    pub async fn ask(&mut self, text: &str) -> Result<Response<Words>, Status> {
        self.send(Request::new(words(text)), "/test.v1.Echo/Ask").await
    }

    pub async fn send(
        &mut self,
        request: Request<Words>,
        path: &'static str,
    ) -> Result<Response<Words>, Status> {
        self.0.ready().await.unwrap();
        self.0.unary(request, PathAndQuery::from_static(path), ProstCodec::default()).await
    }

    pub async fn watch(&mut self, text: &str) -> Result<Streaming<Words>, Status> {
        self.0.ready().await.unwrap();
        let path = PathAndQuery::from_static("/test.v1.Echo/Watch");
        let response =
            self.0.server_streaming(Request::new(words(text)), path, ProstCodec::default()).await?;
        Ok(response.into_inner())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    InProcess,
    OverSockets,
}

/// Two servers, crm and calendar, where calendar calls on to crm, reached by one arm.
pub struct Arm {
    pub mesh: Mesh,
    pub stop: Stop,
    pub servers: Vec<JoinHandle<Result<(), mesh::ServerError>>>,
    pub peers: Peers,
}

impl Arm {
    pub async fn start(kind: Kind) -> Self {
        telemetry::for_tests();
        let stop = Stop::new();
        // Where the servers register; the client's side of the sockets arm knows their addresses alone.
        let here = Mesh::in_process(&Peers::default());
        let crm = bind(ServiceName::Crm, &here).await;
        let calendar = bind(ServiceName::Calendar, &here).await;
        let address = |server: &Server| format!("http://{}", server.addr()).parse().unwrap();
        let peers = Peers::default()
            .with_url(ServiceName::Crm, address(&crm))
            .with_url(ServiceName::Calendar, address(&calendar));
        let mesh = match kind {
            Kind::InProcess => here,
            Kind::OverSockets => Mesh::over_sockets(&peers),
        };
        let further = Some(mesh.wire(ServiceName::Calendar, ServiceName::Crm));
        let servers = vec![
            tokio::spawn(crm.add_service(Echo { further: None }).serve(stop.clone())),
            tokio::spawn(calendar.add_service(Echo { further }).serve(stop.clone())),
        ];
        Self { mesh, stop, servers, peers }
    }

    /// Ingress, calling crm.
    pub fn client(&self) -> Client {
        Client::new(self.mesh.wire(ServiceName::Ingress, ServiceName::Crm))
    }

    /// Ingress, calling calendar.
    pub fn client_of_calendar(&self) -> Client {
        Client::new(self.mesh.wire(ServiceName::Ingress, ServiceName::Calendar))
    }
}

async fn bind(service: ServiceName, mesh: &Mesh) -> Server {
    let server = Server::bind(service, "127.0.0.1:0".parse().unwrap(), mesh).await.unwrap();
    server.descriptors(tonic_health::pb::FILE_DESCRIPTOR_SET)
}
