//! A server that awaits a worker inside a callback takes nothing else meanwhile, and stalls when
//! the worker needs what only the server can pass on.
//!
//! Known as "no await inside a server callback" from every review of servers with tasks.
//!
//! Failing order: `Render` is handled before `SetTheme`. The renderer waits for the theme, the
//! server for the renderer, and the theme waits in the server's mailbox.
//!
//! Mend: the server keeps the caller and takes the worker's result as a message.

use beamline::prelude::*;
use beamline_sim::{Scenario, always, sometimes};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("broken::await_in_callback", broken)
            .about("a callback waits for a worker that waits for the server")
            .broken("deadlock", 8)
            .mended("mended::await_in_callback"),
        Scenario::new("mended::await_in_callback", mended)
            .about("the result of the worker is a message like any other")
            .expects([
                "await_in_callback.theme_first",
                "await_in_callback.theme_last",
            ]),
    ]
}

struct Site {
    awaits: bool,
    theme: Option<&'static str>,
    renderer: Option<Server<Renderer>>,
}

#[derive(Debug)]
struct Render(Caller<String>);

#[derive(Debug)]
enum Tell {
    SetTheme(&'static str),
    Rendered(Result<String, CallError>, Caller<String>),
}

impl GenServer for Site {
    type Args = bool;
    type Call = Render;
    type Cast = Tell;
    type Info = Message;
    type Continue = Never;

    async fn init(awaits: bool) -> Init<Self> {
        Ok(Site {
            awaits,
            theme: None,
            renderer: None,
        }
        .into())
    }

    async fn handle_call(&mut self, Render(caller): Render) -> Flow<Self> {
        let renderer = Renderer::start_link(self.theme).name("renderer").await?;
        self.renderer = Some(renderer);
        if self.awaits {
            caller.reply(renderer.call(Page).no_timeout().await?);
        } else {
            let site: Server<Site> = Server::of(me());
            spawn(async move |_: Mailbox| {
                let page = renderer.call(Page).no_timeout().await;
                site.cast(Tell::Rendered(page, caller));
            });
        }
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, tell: Tell) -> Flow<Self> {
        match tell {
            Tell::SetTheme(theme) => {
                sometimes!("await_in_callback.theme_first", self.renderer.is_none());
                sometimes!("await_in_callback.theme_last", self.renderer.is_some());
                self.theme = Some(theme);
                if let Some(renderer) = self.renderer {
                    renderer.cast(Theme(theme));
                }
            }
            Tell::Rendered(page, caller) => caller.reply(page?),
        }
        Ok(Next::Wait)
    }
}

/// Makes a page as soon as it has a theme.
struct Renderer {
    theme: Option<&'static str>,
    waiting: Option<Caller<String>>,
}

#[derive(Debug)]
struct Page(Caller<String>);

#[derive(Debug)]
struct Theme(&'static str);

impl Renderer {
    fn render(&mut self) {
        if let Some(theme) = self.theme
            && let Some(caller) = self.waiting.take()
        {
            caller.reply(format!("a {theme} page"));
        }
    }
}

impl GenServer for Renderer {
    type Args = Option<&'static str>;
    type Call = Page;
    type Cast = Theme;
    type Info = Message;
    type Continue = Never;

    async fn init(theme: Option<&'static str>) -> Init<Self> {
        let waiting = None;
        Ok(Renderer { theme, waiting }.into())
    }

    async fn handle_call(&mut self, Page(caller): Page) -> Flow<Self> {
        self.waiting = Some(caller);
        self.render();
        Ok(Next::Wait)
    }

    async fn handle_cast(&mut self, Theme(theme): Theme) -> Flow<Self> {
        self.theme = Some(theme);
        self.render();
        Ok(Next::Wait)
    }
}

async fn visit(awaits: bool) -> Result<(), ExitReason> {
    let site = Site::start_link(awaits).name("site").await?;
    spawn(async move |_: Mailbox| site.cast(Tell::SetTheme("dark")));
    let page = site.call(Render).no_timeout().await?;
    always!("await_in_callback.page", page == "a dark page", "{page}");
    Ok(())
}

async fn broken() -> Result<(), ExitReason> {
    visit(true).await
}

async fn mended() -> Result<(), ExitReason> {
    visit(false).await
}
