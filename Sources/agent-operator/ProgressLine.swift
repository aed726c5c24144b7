/// One line that tells what is being waited for; on a terminal only, and gone afterwards.
struct ProgressLine {
  private static let frames = ["|", "/", "-", "\\"]
  private var count = 0

  mutating func show(_ text: String) {
    guard Terminal.isOutputInteractive else { return }
    let frame = Self.frames[(count / 4) % Self.frames.count]
    count += 1
    Terminal.write("\r\u{1B}[K  \(frame) \(text)", newline: false)
  }

  mutating func clear() {
    guard count > 0 else { return }
    count = 0
    Terminal.write("\r\u{1B}[K", newline: false)
  }
}
