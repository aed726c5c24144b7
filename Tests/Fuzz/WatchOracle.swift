import KubernetesAPI
import KubernetesClient

/// However a stream is cut into chunks, it gives the same events and the same failure.
///
/// The first byte of an input says how the rest is cut.
enum WatchOracle {
  private struct Outcome: Equatable {
    var events: [String] = []
    var failure: WatchEventDecoder.Failure.Code?
  }

  static func check(_ bytes: [UInt8]) {
    guard let cut = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    let whole = decode(chunks: [stream])
    let size = max(1, Int(cut))
    let chunks = stride(from: 0, to: stream.count, by: size).map {
      Array(stream[$0..<min($0 + size, stream.count)])
    }
    let cutUp = decode(chunks: chunks)
    require(whole == cutUp, "in one chunk \(whole), in chunks of \(size) \(cutUp)")
  }

  private static func decode(chunks: [[UInt8]]) -> Outcome {
    var decoder = WatchEventDecoder(resource: .configMaps, maximumEventBytes: 512)
    var outcome = Outcome()
    do throws(WatchEventDecoder.Failure) {
      for chunk in chunks {
        decoder.append(chunk)
        while let event = try decoder.next() { outcome.events.append("\(event)") }
      }
      while let event = try decoder.finish() { outcome.events.append("\(event)") }
    } catch {
      outcome.failure = error.code
    }
    return outcome
  }
}
