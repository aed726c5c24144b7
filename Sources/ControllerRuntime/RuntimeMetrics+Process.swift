import Glibc

/// The process' own figures, under the names of Prometheus' client libraries
/// (https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics).
extension RuntimeMetrics {
  static let processCPU = MetricsRegistry.Name(
    "process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.")
  static let processResident = MetricsRegistry.Name(
    "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.")
  static let processVirtual = MetricsRegistry.Name(
    "process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.")
  static let processStart = MetricsRegistry.Name(
    "process_start_time_seconds", .gauge,
    "Start time of the process since unix epoch in seconds.")
  static let processOpenFiles = MetricsRegistry.Name(
    "process_open_fds", .gauge, "Number of open file descriptors.")
  static let processMaxFiles = MetricsRegistry.Name(
    "process_max_fds", .gauge, "Maximum number of open file descriptors.")
  static let processThreads = MetricsRegistry.Name(
    "process_threads", .gauge, "Number of threads.")

  /// Reads them from /proc whenever the figures are asked for. What cannot be read is left out.
  public func observeProcess() {
    registry.collect { registry in
      if let figures = ProcessFigures(stat: Self.read("/proc/self/stat")) {
        let ticks = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        registry.set(Self.processCPU, to: Double(figures.cpuTicks) / ticks)
        registry.set(Self.processResident, to: Double(figures.residentPages) * page)
        registry.set(Self.processVirtual, to: Double(figures.virtualBytes))
        registry.set(Self.processThreads, to: Double(figures.threads))
        if let boot = ProcessFigures.bootTime(stat: Self.read("/proc/stat")) {
          registry.set(Self.processStart, to: Double(boot) + Double(figures.startTicks) / ticks)
        }
      }
      if let count = Self.count("/proc/self/fd") {
        registry.set(Self.processOpenFiles, to: Double(count))
      }
      var limit = rlimit()
      if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
        registry.set(Self.processMaxFiles, to: Double(limit.rlim_cur))
      }
    }
  }

  private static func read(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 8192)
    while bytes.count < 1 << 20 {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func count(_ path: String) -> Int? {
    guard let folder = opendir(path) else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count - 3  // ., .. and the folder itself
  }
}

/// What https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html says.
struct ProcessFigures: Equatable {
  var cpuTicks: UInt64
  var threads: UInt64
  var startTicks: UInt64
  var virtualBytes: UInt64
  var residentPages: UInt64

  /// - Parameter stat: of /proc/self/stat.
  init?(stat: String) {
    // The second field is the program's name in parentheses, with whatever in it.
    guard let name = stat.lastIndex(of: ")") else { return nil }
    let fields = stat[stat.index(after: name)...].split(separator: " ").map { UInt64($0) }
    // fields[0] is field 3 of the manual.
    guard fields.count > 21, let user = fields[11], let system = fields[12],
      let threads = fields[17], let start = fields[19], let virtual = fields[20],
      let resident = fields[21]
    else { return nil }
    cpuTicks = user + system
    self.threads = threads
    startTicks = start
    virtualBytes = virtual
    residentPages = resident
  }

  /// - Parameter stat: of /proc/stat.
  /// - Returns: seconds since 1970.
  static func bootTime(stat: String) -> Int64? {
    for line in stat.split(separator: "\n") where line.hasPrefix("btime ") {
      return Int64(line.dropFirst(6))
    }
    return nil
  }
}
