//! A concurrent fetcher of pages: so many at once, each with its time, failures kept apart.

use std::time::Duration;

use beamline::prelude::*;
use beamline::task::OnTimeout;
use beamline_sim::{Scenario, always, sometimes};

use super::http::{DrawnHttp, Http, HttpError, Page};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("task::url_fetcher", fetch_drawn)
            .about("pages fetched some at a time from a service that errs, stalls and crashes")
            .expects([
                "fetcher.page",
                "fetcher.error",
                "fetcher.late",
                "fetcher.crash",
            ])
            .no_leaks(),
    ]
}

/// Why there is no page.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FetchError {
    /// The service answered otherwise.
    Http(HttpError),
    /// It did not answer in time, or the one who asked crashed.
    Exit(ExitReason),
}

/// Fetches all pages, at most `at_once` at a time, each within `patience`; in the order of paths.
pub(super) async fn fetch_all<H: Http>(
    tasks: TaskSupervisor,
    http: H,
    paths: Vec<String>,
    at_once: usize,
    patience: Duration,
) -> Vec<(String, Result<Page, FetchError>)> {
    let mut stream = tasks
        .stream_nolink(paths.clone(), async move |path| http.get(path).await)
        .max_concurrency(at_once)
        .timeout(patience)
        .on_timeout(OnTimeout::Kill);
    let mut pages = Vec::new();
    for path in paths {
        let page = match stream.next().await {
            Some(Ok(answer)) => answer.map_err(FetchError::Http),
            Some(Err(reason)) => Err(FetchError::Exit(reason)),
            None => break,
        };
        pages.push((path, page));
    }
    stream.halt().await;
    pages
}

async fn fetch_drawn() -> Result<(), ExitReason> {
    let mailbox = mailbox();
    let tasks = TaskSupervisor::start_link().await?;
    let paths: Vec<String> = (1..=4).map(|n| format!("/{n}")).collect();
    let patience = Duration::from_millis(20);
    let pages = fetch_all(tasks, DrawnHttp, paths.clone(), 2, patience).await;
    let answered: Vec<&String> = pages.iter().map(|(path, _)| path).collect();
    always!(
        "fetcher.all_answered",
        answered.iter().copied().eq(&paths),
        "{answered:?}"
    );
    for (path, page) in &pages {
        match page {
            Ok(page) => {
                sometimes!("fetcher.page", true);
                always!(
                    "fetcher.right_page",
                    page.path == *path,
                    "{page:?} for {path}"
                );
            }
            Err(FetchError::Http(_)) => sometimes!("fetcher.error", true),
            Err(FetchError::Exit(ExitReason::Timeout)) => sometimes!("fetcher.late", true),
            Err(FetchError::Exit(_)) => sometimes!("fetcher.crash", true),
        }
    }
    always!("fetcher.nothing_left", mailbox.is_empty());
    tasks.stop().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;

    use super::*;

    /// Pages over TCP, by calls that block.
    #[derive(Debug, Clone, Copy)]
    struct TcpHttp(std::net::SocketAddr);

    impl Http for TcpHttp {
        async fn get(self, path: String) -> Result<Page, HttpError> {
            let answer = blocking(move || exchange(self.0, &path).map(|text| (path, text)));
            let (path, text) = answer.await.map_err(|_| HttpError::Broken)?;
            match text.split_once("\r\n\r\n") {
                Some((head, body)) if head.starts_with("HTTP/1.0 200") => Ok(Page {
                    path,
                    body: body.to_owned(),
                }),
                Some(_) => Err(HttpError::Status(404)),
                None => Err(HttpError::Broken),
            }
        }
    }

    fn exchange(address: std::net::SocketAddr, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes())?;
        let mut text = String::new();
        stream.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Serves so many requests: pages, except at `/missing`.
    fn serve(listener: &TcpListener, requests: usize) {
        for stream in listener.incoming().take(requests) {
            let mut stream = stream.expect("a connection comes in");
            // A request may come in pieces; a rest that is never read would reset the connection.
            let mut request = String::new();
            while !request.ends_with("\r\n\r\n") {
                let mut piece = [0; 256];
                let read = stream.read(&mut piece).expect("a request comes in");
                request.push_str(&String::from_utf8_lossy(&piece[..read]));
            }
            let path = request.split(' ').nth(1).expect("a request has a path");
            let answer = match path {
                "/missing" => "HTTP/1.0 404 Not Found\r\n\r\n".to_owned(),
                path => format!("HTTP/1.0 200 OK\r\n\r\npage {path}"),
            };
            stream
                .write_all(answer.as_bytes())
                .expect("the client reads");
        }
    }

    /// The same fetcher with a real port: a TCP server of this test's own.
    #[test]
    fn the_fetcher_fetches_from_a_real_server() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let server = std::thread::spawn(move || serve(&listener, 4));
        let (answer, pages) = mpsc::channel();
        let end = Runtime::new().workers(2).run(async move {
            let tasks = TaskSupervisor::start_link().await?;
            let paths = ["/a", "/missing", "/b", "/c"].map(String::from).to_vec();
            let patience = Duration::from_secs(30);
            let pages = fetch_all(tasks, TcpHttp(address), paths, 2, patience).await;
            answer.send(pages).expect("the answer is awaited");
            tasks.stop().await?;
            Ok::<(), ExitReason>(())
        });
        assert_eq!(end, ExitReason::Normal);
        server.join().expect("the server serves all four");
        let pages = pages.recv().expect("the root ended normally");
        for (path, page) in pages {
            match path.as_str() {
                "/missing" => assert_eq!(page, Err(FetchError::Http(HttpError::Status(404)))),
                path => assert_eq!(page.expect("it is there").body, format!("page {path}")),
            }
        }
    }
}
