/**
 * Runs a script of GL calls (see recorder.js) on ANGLE's D3D11 back end, which compiles shaders with Microsoft's FXC: as Chrome,
 * Edge and Firefox do on Windows.
 *
 *     d3d11.exe script.txt bytes.bin            each program by itself
 *     d3d11.exe script.txt bytes.bin together   all programs at once, as a page that does not wait for each
 *
 * Prints a line for each program (name, 1 if it linked, CPU and wall seconds to compile and link, bytes of HLSL, the log), for
 * each read that differs, and at the end the count of reads and the CPU and wall seconds of all programs.
 */
#include <windows.h>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

// On 64-bit Windows any function of integers and pointers can be called with more arguments than it takes.
using Word = intptr_t;
using Function = Word (*)(Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word, Word);
using Words = std::vector<Word>;

static HMODULE egl, gles;
static std::vector<char> bytes;
static std::map<int, unsigned> objects;
static std::map<int, int> locations;
static std::string section = "start";
static int reads = 0, differing = 0;

static Word call(HMODULE library, const std::string& name, Words a) {
  static std::map<std::string, Function> known;
  Function& function = known[name];
  if (!function) function = reinterpret_cast<Function>(GetProcAddress(library, name.c_str()));
  if (!function) {
    printf("error\t%s is missing\n", name.c_str());
    exit(1);
  }
  a.resize(12);
  return function(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11]);
}
template <class... A> static Word gl(const char* name, A... a) { return call(gles, name, {(Word)a...}); }
template <class... A> static Word eglCall(const char* name, A... a) { return call(egl, name, {(Word)a...}); }

static void openContext() {
  egl = LoadLibraryA("libEGL.dll");
  gles = LoadLibraryA("libGLESv2.dll");
  if (!egl || !gles) {
    printf("error\tANGLE's libraries do not load: %lu\n", GetLastError());
    exit(1);
  }
  const int EGL_NONE = 0x3038;
  const int display[] = {0x3203 /* PLATFORM_ANGLE_TYPE */, 0x3208 /* D3D11 */, 0x3209 /* DEVICE_TYPE */, 0x320A /* HARDWARE */, EGL_NONE};
  const int config[] = {0x3033 /* SURFACE_TYPE */, 1 /* PBUFFER */, 0x3040 /* RENDERABLE_TYPE */, 0x40 /* ES3 */, EGL_NONE};
  const int context[] = {0x3098 /* CLIENT_VERSION */, 3, 0x33AC /* WEBGL_COMPATIBILITY */, 1, EGL_NONE};
  const int surface[] = {0x3057 /* WIDTH */, 16, 0x3056 /* HEIGHT */, 16, EGL_NONE};
  Word d = eglCall("eglGetPlatformDisplayEXT", 0x3202, 0, display), chosen = 0, c = 0, s = 0;
  int major, minor, count = 0;
  if (d && eglCall("eglInitialize", d, &major, &minor)) {
    eglCall("eglChooseConfig", d, config, &chosen, 1, &count);
    c = eglCall("eglCreateContext", d, chosen, 0, context);
    s = eglCall("eglCreatePbufferSurface", d, chosen, surface);
  }
  if (!c || !eglCall("eglMakeCurrent", d, s, s, c)) {
    printf("error\tANGLE opens no context: %x\n", (unsigned)eglCall("eglGetError"));
    exit(1);
  }
  gl("glRequestExtensionANGLE", "GL_EXT_color_buffer_float");
  printf("renderer\t%s\n", (const char*)gl("glGetString", 0x1F01));
}

static double cpuSeconds() {
  FILETIME created, ended, kernel, user;
  GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
  auto seconds = [](FILETIME t) { return (t.dwHighDateTime * 4294967296.0 + t.dwLowDateTime) * 1e-7; };
  return seconds(kernel) + seconds(user);
}

/** The length of a program's or shader's log or text, and the text, on one line. */
static std::string textOf(const char* name, unsigned object) {
  static char buffer[1 << 22];
  int length = 0;
  gl(name, object, (int)sizeof buffer, &length, buffer);
  std::string text(buffer, length > 0 ? strnlen(buffer, length) : 0);
  for (char& c : text)
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  return text;
}

/** CPU and wall seconds since some moment. */
struct Clock {
  double cpu = cpuSeconds();
  ULONGLONG wall = GetTickCount64();
  double cpuTaken() const { return cpuSeconds() - cpu; }
  double wallTaken() const { return (GetTickCount64() - wall) * 1e-3; }
};

struct Program {
  std::string name;
  unsigned program;
  std::vector<unsigned> shaders;
};
static std::map<unsigned, std::vector<unsigned>> shadersOf;
static std::vector<Program> unchecked;
static bool together = false;

static void start(const Program& p) {
  for (unsigned shader : p.shaders) gl("glCompileShader", shader);
  gl("glLinkProgram", p.program);
}

/** Waits for the program, and tells of it. */
static void finish(const Program& p, const Clock& since) {
  int linked = 0;
  gl("glGetProgramiv", p.program, 0x8B82 /* LINK_STATUS */, &linked);
  const double cpu = since.cpuTaken(), wall = since.wallTaken();
  const unsigned fragment = p.shaders.empty() ? 0 : p.shaders.back();
  const size_t size = textOf("glGetTranslatedShaderSourceANGLE", fragment).size();
  const std::string log = textOf("glGetProgramInfoLog", p.program) + (linked ? "" : textOf("glGetShaderInfoLog", fragment));
  printf("program\t%s\t%d\t%.3f\t%.3f\t%zu\t%.2000s\n", p.name.c_str(), linked, cpu, wall, size, log.c_str());
}

static void link(const Program& p) {
  const Clock since;
  start(p);
  if (together) unchecked.push_back(p);
  else finish(p, since);
}

/** NaN and infinities must be of the same kind, other floats within 1e-4 of the larger values about them; integers equal. */
static void compare(const void* got, const void* expected, size_t size, bool integers) {
  const float *x = (const float*)got, *y = (const float*)expected;
  const size_t count = size / 4;
  reads++;
  if (!memcmp(got, expected, size)) return;
  double largest = 0, worst = 0;
  for (size_t i = 0; i < count; i++)
    if (std::isfinite(y[i])) largest = fmax(largest, fabs(y[i]));
  size_t at = 0;
  for (size_t i = 0; i < count; i++) {
    if (!memcmp(x + i, y + i, 4) || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    const bool kinds = integers || !std::isfinite(x[i]) || !std::isfinite(y[i]);
    const double difference = kinds ? INFINITY : fabs((double)x[i] - y[i]) / fmax(fabs(y[i]), largest * 1e-3);
    if (difference > worst) worst = difference, at = i;
  }
  if (worst <= 1e-4) return;
  differing++;
  printf("differs\t%s\tvalue %zu of %zu: got %.9g, expected %.9g\n", section.c_str(), at, count, x[at], y[at]);
}

/** An argument: a number, @object, &location, or $offset:length in the bytes. */
static Word argument(const std::string& token) {
  const int number = atoi(token.c_str() + 1);
  if (token[0] == '@') return objects[number];
  if (token[0] == '&') return locations.count(number) ? locations[number] : -1;
  if (token[0] == '$') return (Word)(bytes.data() + number);
  return (Word)atoll(token.c_str());
}

static int idOf(const std::string& token) { return atoi(token.c_str() + 1); }
static int lengthOf(const std::string& token) { return atoi(token.c_str() + token.find(':') + 1); }

static void run(const std::vector<std::string>& line) {
  const std::string& verb = line[0];
  const std::string name = line.size() > 1 ? line[1] : "";
  Words arguments;
  for (size_t i = 2; i < line.size(); i++) arguments.push_back(argument(line[i]));
  if (verb == "section") section = name;
  else if (verb == "call") call(gles, name, arguments);
  else if (verb == "generate") {
    unsigned object = 0;
    gl(name.c_str(), 1, &object);
    objects[idOf(line[2])] = object;
  } else if (verb == "delete") {
    unsigned object = objects[idOf(line[2])];
    gl(name.c_str(), 1, &object);
  } else if (verb == "make") objects[idOf(line[2])] = (unsigned)call(gles, name, Words(arguments.begin() + 1, arguments.end()));
  else if (verb == "source") {
    const char* text = (const char*)arguments[1];
    const int length = lengthOf(line[3]);
    gl("glShaderSource", arguments[0], 1, &text, &length);
  } else if (verb == "attach") {
    gl("glAttachShader", arguments[0], arguments[1]);
    shadersOf[(unsigned)arguments[0]].push_back((unsigned)arguments[1]);
  } else if (verb == "link") {
    link({name, (unsigned)arguments[0], shadersOf[(unsigned)arguments[0]]});
  } else if (verb == "locate") {
    const std::string uniform((const char*)arguments[1], lengthOf(line[3]));
    locations[atoi(name.c_str() + 1)] = (int)gl("glGetUniformLocation", arguments[0], uniform.c_str());
  } else if (verb == "status") {
    const Word status = gl("glCheckFramebufferStatus", arguments[0]);
    if (status != arguments[1]) printf("differs\t%s\tframebuffer status %x\n", section.c_str(), (unsigned)status);
  } else if (verb == "read") {
    const int length = lengthOf(line.back());
    std::vector<char> got(length);
    const void* expected = (const void*)arguments.back();
    const bool integers = arguments[5] != 0x1406 /* FLOAT */;
    arguments.back() = (Word)got.data();
    call(gles, "glReadPixels", arguments);
    compare(got.data(), expected, length, integers);
  } else if (verb == "get") {
    const int length = lengthOf(line.back());
    gl("glFinish");
    const void* got = (const void*)gl("glMapBufferRange", arguments[0], arguments[1], length, 1 /* MAP_READ */);
    if (got) compare(got, (const void*)arguments[2], length, name == "integers");
    else printf("differs\t%s\ta buffer cannot be mapped\n", section.c_str());
    if (got) gl("glUnmapBuffer", arguments[0]);
  } else printf("error\tthere is no verb %s\n", verb.c_str());
}

int main(int count, char** values) {
  setvbuf(stdout, nullptr, _IOLBF, 4096);
  openContext();
  objects[0] = 0;
  together = count > 3;
  std::ifstream data(values[2], std::ios::binary);
  bytes.assign(std::istreambuf_iterator<char>(data), {});
  std::ifstream script(values[1]);
  const Clock since;
  for (std::string text; std::getline(script, text);) {
    std::istringstream words(text);
    const std::vector<std::string> line(std::istream_iterator<std::string>(words), {});
    if (!line.empty()) run(line);
    if (const unsigned error = !line.empty() && line[0] == "section" ? (unsigned)gl("glGetError") : 0)
      printf("differs\t%s\tGL error %x before this\n", section.c_str(), error);
  }
  for (const Program& program : unchecked) finish(program, since);
  printf("all\t%d\t%d\t%.3f\t%.3f\n", reads, differing, since.cpuTaken(), since.wallTaken());
}
