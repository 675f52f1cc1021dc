// cayley-lab watch DIR: a page on the loopback address that shows a run while it trains.
#include <fmt/core.h>
#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>

#include "command.hpp"
#include "live_page.hpp"
#include "report.hpp"

// After Eigen, which the macro _res of <resolv.h> would break.
#include <httplib.h>

namespace lab {
namespace {

using namespace std::chrono_literals;

struct WatchArguments {
  std::filesystem::path directory;
  std::string plotly;
  int port = 0;
};

// The answer to every question for figures, made by two threads: one follows the log, one measures checkpoints, which
// may take long.
class LiveRun {
 public:
  explicit LiveRun(std::filesystem::path directory)
      : directory_(std::move(directory)), config_(cayley::read_config(directory_ / "cfg.json")) {
    view_["status"] = live_status(directory_, config_, {});
    put("log", live_log_sections(config_, {}));
    log_thread_ = std::thread([this] { follow_log(); });
    if (!config_.is_sequence_task()) checkpoint_thread_ = std::thread([this] { follow_checkpoints(); });
  }
  ~LiveRun() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    stopping_.notify_all();
    log_thread_.join();
    if (checkpoint_thread_.joinable()) checkpoint_thread_.join();
  }
  LiveRun(LiveRun const&) = delete;
  LiveRun& operator=(LiveRun const&) = delete;

  std::string title() const {
    if (config_.is_sequence_task()) return config_.task;
    const std::string group = cayley::with_group(config_, directory_, (directory_ / "cfg.json").string(),
                                                 [](auto const& g) { return cayley::group_name(g); });
    return fmt::format("{} on {}", config_.model, group);
  }

  struct Answer {
    std::string tag;  // differs between any two texts
    std::shared_ptr<std::string const> text;
  };
  Answer answer() const {
    const std::lock_guard lock(mutex_);
    return {fmt::format("\"{}-{}\"", started_, version_), text_};
  }

 private:
  void put(char const* part, cayley::Json sections) {
    const std::lock_guard lock(mutex_);
    parts_[part] = std::move(sections);
    cayley::Json all = cayley::Json::array();
    for (char const* name : {"log", "checkpoints"}) {
      for (auto const& section : parts_[name]) all.push_back(section);
    }
    view_["sections"] = std::move(all);
    text_ = std::make_shared<std::string const>(view_.dump(-1, ' ', false, cayley::Json::error_handler_t::replace));
    ++version_;
  }

  // Whether to go on after a pause.
  bool pause(std::chrono::milliseconds time) {
    std::unique_lock lock(mutex_);
    return !stopping_.wait_for(lock, time, [this] { return stop_; });
  }

  void follow_log() {
    cayley::LiveLog log(directory_);
    std::string status;
    do {
      std::string problem;
      bool changed = false;
      try {
        changed = log.refresh();
      } catch (cayley::Error const& error) {
        problem = error.what();
      }
      const std::string now = problem.empty() ? live_status(directory_, config_, log.table()) : problem;
      if (!changed && now == status) continue;
      status = now;
      {
        const std::lock_guard lock(mutex_);
        view_["status"] = status;
      }
      put("log", live_log_sections(config_, log.table()));
    } while (pause(300ms));
  }

  void follow_checkpoints() {
    cayley::LiveCheckpoints checkpoints(directory_);
    std::optional<std::string> shown;
    do {
      std::string problem;
      bool changed = false;
      try {
        changed = checkpoints.refresh(500ms);
      } catch (std::exception const& error) {
        problem = error.what();
      }
      if (!changed && shown == problem) continue;
      shown = problem;
      put("checkpoints", live_checkpoint_sections(checkpoints, problem));
    } while (pause(200ms));
  }

  std::filesystem::path directory_;
  cayley::RunConfig config_;
  long long started_ = std::chrono::system_clock::now().time_since_epoch().count();
  mutable std::mutex mutex_;  // of what follows
  std::condition_variable stopping_;
  bool stop_ = false;
  cayley::Json view_, parts_;
  std::shared_ptr<std::string const> text_;
  long long version_ = 0;
  std::thread log_thread_, checkpoint_thread_;
};

// httplib's pool takes any number of connections; here the next one waits until there is room.
class BoundedPool : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> job) override {
    room_.acquire();
    pool_.enqueue([this, job = std::move(job)] {
      job();
      room_.release();
    });
  }
  void shutdown() override { pool_.shutdown(); }

 private:
  std::counting_semaphore<> room_{64};
  httplib::ThreadPool pool_{8};
};

// Whether a request was meant for this server: other pages must not read a run by a name that they let point here.
bool is_loopback_host(std::string host) {
  host = host.substr(0, host.rfind(':'));
  return host.empty() || host == "127.0.0.1" || host == "localhost";
}

void set_up(httplib::Server& server, LiveRun const& run, std::string const& plotly) {
  server.new_task_queue = [] { return new BoundedPool; };
  server.set_payload_max_length(1024);
  server.set_keep_alive_timeout(2).set_read_timeout(2).set_write_timeout(5);
  server.set_default_headers({{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}});
  server.set_pre_routing_handler([](httplib::Request const& request, httplib::Response& response) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (reads && is_loopback_host(request.get_header_value("Host"))) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    response.status = reads ? 403 : 405;
    return httplib::Server::HandlerResponse::Handled;
  });
  server.set_error_handler([](httplib::Request const&, httplib::Response& response) {
    response.set_content(fmt::format("cayley-lab watch: {}, this page is at /\n", response.status), "text/plain");
  });
  const std::string page = live_page_html(run.title());
  server.Get("/", [page](httplib::Request const&, httplib::Response& response) {
    response.set_content(page, "text/html; charset=utf-8");
  });
  server.Get("/plotly\\.js", [&plotly](httplib::Request const&, httplib::Response& response) {
    response.set_content(plotly, "text/javascript; charset=utf-8");
  });
  server.Get("/figures\\.json", [&run](httplib::Request const& request, httplib::Response& response) {
    const LiveRun::Answer answer = run.answer();
    response.set_header("ETag", answer.tag);
    if (request.get_header_value("If-None-Match") == answer.tag) {
      response.status = 304;
    } else {
      response.set_content(*answer.text, "application/json");
    }
  });
}

// httplib waits with select(), which has no place for descriptors from 1024 on.
void limit_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, FD_SETSIZE);
  setrlimit(RLIMIT_NOFILE, &limit);
}

void run_watch(WatchArguments const& arguments) {
  const std::string plotly = cayley::read_file(plotly_file(arguments.plotly));
  // Before any thread starts, so that the signals that end it reach this one alone.
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGINT);
  sigaddset(&ending, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  limit_descriptors();

  LiveRun const run(arguments.directory);
  httplib::Server server;
  set_up(server, run, plotly);
  socket_t listening = INVALID_SOCKET;
  server.set_socket_options([&listening](socket_t socket) {
    // Not SO_REUSEPORT, httplib's default, by which two servers would share a port.
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    listening = socket;
  });
  char const* const address = "127.0.0.1";
  const int port = arguments.port == 0                            ? server.bind_to_any_port(address)
                   : server.bind_to_port(address, arguments.port) ? arguments.port
                                                                  : -1;
  cayley::require(port > 0, "port ", arguments.port, " of ", address,
                  ": cannot be used, another program may have it; name another with --port, or 0 for any that is free");
  listen(listening, SOMAXCONN);  // httplib lets 5 connections wait, and others come again only after a second
  std::thread serving([&server] {
    server.listen_after_bind();
    kill(getpid(), SIGTERM);  // also when it ends by itself
  });
  fmt::print("watching {} at http://{}:{}/ until Ctrl-C\n", arguments.directory.string(), address, port);
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ending, &signal);
  server.stop();
  serving.join();
}

}  // namespace

void add_watch(CLI::App& app) {
  auto arguments = std::make_shared<WatchArguments>();
  arguments->port = 8017;
  CLI::App* command =
      app.add_subcommand("watch", "A page that shows a run while it trains, for browsers on this machine");
  command->add_option("DIR", arguments->directory, "Run directory")->required();
  command->add_option("--port", arguments->port, "Port on 127.0.0.1; 0 is any that is free (default: 8017)")
      ->check(CLI::Range(0, 65535));
  command->add_option("--plotly", arguments->plotly, "plotly.js to serve (default: that of Debian's python3-plotly)");
  command->callback([arguments] { run_watch(*arguments); });
}

}  // namespace lab
