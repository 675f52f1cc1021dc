// cayley-lab watch as a browser, and an attacker, meets it: real sockets, a real run.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <csignal>

#include <boost/test/unit_test.hpp>
#include <cayley/io/atomic_file.hpp>
#include <cayley/io/json.hpp>
#include <cayley/study/run_directory.hpp>
#include <chrono>
#include <functional>
#include <thread>

#include "io/scratch_folder.hpp"
#include "lab/run_lab.hpp"

BOOST_AUTO_TEST_SUITE(watch_test)

using namespace cayley;
using namespace std::chrono_literals;

/// Whether it holds within a time.
bool within(std::chrono::milliseconds time, std::function<bool()> const& holds) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(50ms);
  }
  return true;
}

/// A connection to a port of this machine.
class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{6, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    open_ = ::connect(socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
  }
  ~Connection() { ::close(socket_); }
  Connection(Connection const&) = delete;
  Connection& operator=(Connection const&) = delete;

  bool is_open() const { return open_; }
  void send(std::string const& text) const {
    for (std::size_t sent = 0; sent < text.size();) {
      const ssize_t now = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) return;
      sent += static_cast<std::size_t>(now);
    }
  }
  /// All that comes until the other side closes.
  std::string rest() const {
    std::string text;
    std::string part(1 << 16, '\0');
    for (ssize_t got = 0; (got = ::recv(socket_, part.data(), part.size(), 0)) > 0;) {
      text.append(part, 0, static_cast<std::size_t>(got));
    }
    return text;
  }

 private:
  int socket_;
  bool open_ = false;
};

/// A server of `cayley-lab watch` on a port of its own.
class Watching {
 public:
  explicit Watching(std::filesystem::path const& run) {
    write_file_atomically(scratch_ / "plotly.js", "const plotly = 1;");
    process_ = begin_lab({"watch", run.string(), "--port", "0", "--plotly", (scratch_ / "plotly.js").string()},
                         scratch_ / "log");
    BOOST_TEST_REQUIRE(within(20s, [&] { return said().find("Ctrl-C") != std::string::npos; }), said());
    const std::string address = "http://127.0.0.1:";
    port_ = std::stoi(said().substr(said().find(address) + address.size()));
  }
  ~Watching() {
    if (process_ == 0) return;
    ::kill(process_, SIGKILL);
    end_of_lab(process_);
  }
  Watching(Watching const&) = delete;
  Watching& operator=(Watching const&) = delete;

  int port() const { return port_; }
  std::string said() const {
    return std::filesystem::exists(scratch_ / "log") ? read_file(scratch_ / "log") : std::string();
  }

  /// The answer to a request line and headers, with its own headers.
  std::string ask(std::string const& line, std::string const& headers = "Host: localhost\r\n") const {
    const Connection connection(port_);
    connection.send(line + " HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n");
    return connection.rest();
  }
  static std::string body(std::string const& answer) { return answer.substr(answer.find("\r\n\r\n") + 4); }
  Json figures() const { return parse_json(body(ask("GET /figures.json")), "figures.json"); }

  /// How many points the curves of a section have; 0 where it is not there or has a note instead.
  std::size_t points(std::string const& id) const {
    const Json view = figures();
    for (Json const& section : view.at("sections")) {
      if (section.at("id") != id || !section.contains("figure")) continue;
      Json const& x = section.at("figure").at("data").at(0).at("x");
      return x.is_object() ? x.at("shape").at(0).get<std::size_t>() : x.size();
    }
    return 0;
  }

  /// The status that it ends with, which must not take long.
  int stop(int signal) {
    ::kill(process_, signal);
    int status = -1;
    const bool ended = within(10s, [&] { return ::waitpid(process_, &status, WNOHANG) == process_; });
    BOOST_TEST(ended);
    if (ended) process_ = 0;
    return status;
  }

 private:
  ScratchFolder scratch_;
  pid_t process_ = 0;
  int port_ = 0;
};

std::vector<std::string> training(std::filesystem::path const& run, int epochs) {
  write_file_atomically(run.parent_path() / "cfg.json",
                        R"({"group": "SymmetricGroup", "group_parameter": 3, "model": "OneLayerMLP",
    "layers": {"embed_dim": 8, "hidden_dim": 12}, "frac_train": 0.8, "num_epochs": 1, "seed": 1, "log_every": 2000,
    "checkpoint_every": 20000})");
  return {"train",           (run.parent_path() / "cfg.json").string(),
          "--out",           run.string(),
          "--epochs",        std::to_string(epochs),
          "--threads",       "1",
          "--state-seconds", "0.5"};
}

int status_of(std::string const& answer) {
  return answer.size() < 12 ? 0 : std::stoi(answer.substr(9, 3));
}

BOOST_AUTO_TEST_CASE(bad_usage_is_2_and_bad_input_is_1) {
  const ScratchFolder scratch;
  check_lab("watch", 2, {"DIR"});
  check_lab("watch a --port 70000", 2, {"--port"});
  write_file_atomically(scratch / "plotly.js", "const plotly = 1;");
  const std::string plotly = " --plotly " + (scratch / "plotly.js").string();
  check_lab("watch " + (scratch / "nowhere").string() + plotly, 1, {"nowhere", "cfg.json"});
  check_lab("watch a --plotly " + (scratch / "none.js").string(), 1, {"none.js"});
}

BOOST_AUTO_TEST_CASE(a_run_is_followed_through_training_kill_and_resume) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  const pid_t trainer = begin_lab(training(run, 100'000'000));
  BOOST_TEST_REQUIRE(within(20s, [&] { return std::filesystem::exists(run / "cfg.json"); }));
  Watching watching(run);
  const std::string page = watching.ask("GET /");
  BOOST_TEST(status_of(page) == 200);
  BOOST_TEST(page.find("OneLayerMLP on S3") != std::string::npos);
  BOOST_TEST(page.find("src=\"/plotly.js\"") != std::string::npos);
  BOOST_TEST(Watching::body(watching.ask("GET /plotly.js")) == "const plotly = 1;");
  BOOST_TEST(within(5s, [&] { return watching.points("losses") > 0 && watching.points("similarities") > 0; }));
  BOOST_TEST(watching.points("spectrum") == 6u);
  const std::size_t seen = watching.points("losses"), measured = watching.points("similarities");
  BOOST_TEST(within(5s, [&] { return watching.points("losses") > seen; }));
  BOOST_TEST(within(20s, [&] { return watching.points("similarities") > measured; }));
  BOOST_TEST(watching.figures().at("status").get<std::string>().find("In training: epoch") == 0u);

  // What has not changed is not sent again.
  ::kill(trainer, SIGKILL);
  end_of_lab(trainer);
  std::this_thread::sleep_for(2s);
  const std::string answer = watching.ask("GET /figures.json");
  const std::size_t at = answer.find("ETag: ") + 6;
  const std::string tag = answer.substr(at, answer.find("\r\n", at) - at);
  const std::string again = watching.ask("GET /figures.json", "Host: localhost\r\nIf-None-Match: " + tag + "\r\n");
  BOOST_TEST(status_of(again) == 304);
  BOOST_TEST(Watching::body(again).empty());

  // A resume takes back the rows behind its state, and goes on.
  const std::size_t rows = read_csv(run / "log.csv").rows.size();
  write_file_atomically(run / "log.csv", read_file(run / "log.csv") + "999999999,1,1,1,1\n7");
  BOOST_TEST(within(5s, [&] {
    return watching.figures().at("status").get<std::string>().find("epoch 999999999") != std::string::npos;
  }));
  const pid_t resumed = begin_lab({"resume", run.string(), "--threads", "1"});
  BOOST_TEST(within(
      10s, [&] { return watching.figures().at("status").get<std::string>().find("999999999") == std::string::npos; }));
  BOOST_TEST(within(10s, [&] { return read_growing_csv(run / "log.csv").rows.size() > rows + 1; }));
  BOOST_TEST(within(5s, [&] { return watching.points("losses") >= std::min<std::size_t>(rows, 2000); }));
  ::kill(resumed, SIGKILL);
  end_of_lab(resumed);
  BOOST_TEST(watching.stop(SIGINT) == 0);
}

BOOST_AUTO_TEST_CASE(nothing_but_the_page_is_served) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  BOOST_TEST(end_of_lab(begin_lab(training(run, 200))) == 0);
  write_file_atomically(scratch / "secret", "a secret");
  Watching watching(run);
  for (char const* path :
       {"/../secret", "/..%2fsecret", "/../..%2f..%2fetc%2fpasswd", "/%2e%2e/secret", "//etc/passwd", "/cfg.json",
        "/plotly.js/../cfg.json", "/plotlyxjs", "/figures.json/", "/%00", "/checkpoints/0.safetensors", "*"}) {
    const std::string answer = watching.ask(std::string("GET ") + path);
    BOOST_TEST((status_of(answer) == 404 || status_of(answer) == 400), path << ": " << answer.substr(0, 60));
    BOOST_TEST(answer.find("secret") == std::string::npos, path);
    BOOST_TEST(answer.find("root:") == std::string::npos, path);
    BOOST_TEST(answer.find("num_epochs") == std::string::npos, path);
  }
  for (char const* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    BOOST_TEST(status_of(watching.ask(std::string(method) + " /")) == 405, method);
  }
  BOOST_TEST(Watching::body(watching.ask("HEAD /")).empty());
  // Another name that points here is another site's.
  BOOST_TEST(status_of(watching.ask("GET /figures.json", "Host: attacker.example:80\r\n")) == 403);
  BOOST_TEST(status_of(watching.ask("GET /figures.json", "Host: 127.0.0.1:80\r\n")) == 200);
  BOOST_TEST(watching.figures().at("status").get<std::string>().find("Ended: epoch 199 of 200") == 0u);
  BOOST_TEST(watching.stop(SIGTERM) == 0);
}

BOOST_AUTO_TEST_CASE(rude_clients_do_not_harm) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  BOOST_TEST(end_of_lab(begin_lab(training(run, 200))) == 0);
  Watching watching(run);
  // Headers without end, of many lines or one long one; a body that never comes; garbage.
  std::string many = "Host: localhost\r\n";
  for (int i = 0; i < 20'000; ++i) many += "X-" + std::to_string(i) + ": filler\r\n";
  watching.ask("GET /", many);
  watching.ask("GET /", "Host: localhost\r\nX-Long: " + std::string(1 << 20, 'x') + "\r\n");
  watching.ask("GET /" + std::string(1 << 20, 'x'));
  BOOST_TEST(status_of(watching.ask("POST /", "Host: localhost\r\nContent-Length: 99999999999\r\n")) != 200);
  for (std::string const& text :
       {std::string("\r\n\r\n"), std::string(5000, '\0'), std::string("GET"), std::string()}) {
    const Connection connection(watching.port());
    connection.send(text);
  }
  for (int i = 0; i < 1000; ++i) {
    const Connection connection(watching.port());
    if (i % 3 == 0) connection.send("GET / HT");
    if (i % 3 == 1) connection.send("GET /figures.json HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  BOOST_TEST(status_of(watching.ask("GET /")) == 200);
  BOOST_TEST(status_of(watching.ask("GET /figures.json")) == 200);
  BOOST_TEST(watching.stop(SIGINT) == 0);
  BOOST_TEST(watching.said().find("ERROR") == std::string::npos, watching.said());
}

BOOST_AUTO_TEST_CASE(a_port_has_one_server) {
  const ScratchFolder scratch;
  const auto run = scratch / "run";
  BOOST_TEST(end_of_lab(begin_lab(training(run, 200))) == 0);
  write_file_atomically(scratch / "plotly.js", "const plotly = 1;");
  const Watching watching(run);
  const std::string port = std::to_string(watching.port());
  check_lab("watch " + run.string() + " --port " + port + " --plotly " + (scratch / "plotly.js").string(), 1,
            {"port " + port, "--port"});
  BOOST_TEST(status_of(watching.ask("GET /")) == 200);
}

BOOST_AUTO_TEST_SUITE_END()
