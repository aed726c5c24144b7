import Glibc

/// `fuzz TARGET [libFuzzer flags] [corpus folders]`: one target in this process, until it fails or
/// the flags end it (https://llvm.org/docs/LibFuzzer.html). Built by `make fuzz` only.
@main
enum Fuzz {
  static func main() {
    let names = FuzzTarget.all.map(\.name).joined(separator: ", ")
    guard CommandLine.arguments.count > 1,
      let target = FuzzTarget.all.first(where: { $0.name == CommandLine.arguments[1] })
    else {
      complain("error: the first argument is the target: \(names)")
      exit(2)
    }
    // The fuzzer sees the command line without the target.
    let rest = [CommandLine.arguments[0]] + CommandLine.arguments.dropFirst(2)
    var count = CInt(rest.count)
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
      UnsafeMutablePointer.allocate(capacity: rest.count + 1)
    for (i, text) in rest.enumerated() { arguments?[i] = strdup(text) }
    arguments?[rest.count] = nil
    exit(runDriver(&count, &arguments, target.run))
  }

  typealias TestOneInput = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

  @_silgen_name("LLVMFuzzerRunDriver")
  private static func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: TestOneInput
  ) -> CInt
}

/// One parser with what must hold of it for every input.
struct FuzzTarget: Sendable {
  var name: String
  var run: Fuzz.TestOneInput

  static let all = [
    FuzzTarget(name: "json") { FuzzTarget.check(JSONOracle.check, $0, $1) },
    FuzzTarget(name: "yaml") { FuzzTarget.check(YAMLOracle.check, $0, $1) },
    FuzzTarget(name: "quantity") { FuzzTarget.check(QuantityOracle.check, $0, $1) },
    FuzzTarget(name: "watch") { FuzzTarget.check(WatchOracle.check, $0, $1) },
    FuzzTarget(name: "kubeconfig") { FuzzTarget.check(KubeConfigOracle.check, $0, $1) },
  ]

  private static func check(
    _ oracle: ([UInt8]) -> Void, _ start: UnsafePointer<UInt8>?, _ count: Int
  ) -> CInt {
    let start = start.map { UnsafeBufferPointer(start: $0, count: count) }
    oracle(start.map(Array.init) ?? [])
    return 0
  }
}

/// Ends the process with what did not hold; libFuzzer then writes the input to a file.
func require(_ holds: Bool, _ what: @autoclosure () -> String) {
  if holds { return }
  complain("FAILED: \(what())")
  abort()
}

func complain(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  _ = write(STDERR_FILENO, bytes, bytes.count)
}
