import JSON
import KubernetesAPI

/// A quantity is written so that it reads back as the same value and the same text.
enum QuantityOracle {
  static func check(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard let quantity = Quantity(text) else { return }
    let written = quantity.description
    guard let again = Quantity(written) else {
      return require(false, "\(text) is written as \(written), which is no quantity")
    }
    require(again == quantity, "\(text) is written as \(written), which is another value")
    require(again.description == written, "\(written) is written as \(again)")
    require((try? Quantity(.string(text))) == quantity, "\(text) differs as JSON")
    let sum = quantity + .zero
    require(sum == quantity, "\(text) plus nothing is \(sum)")
    require(!(quantity < again) && !(again < quantity), "\(text) is not equal to itself")
    require(quantity.isNegative == (quantity < .zero), "the sign of \(text)")
    // Rounding up, away from zero, never makes an amount smaller.
    let units = Quantity(quantity.wholeUnits)
    if quantity.wholeUnits != .max, quantity.wholeUnits != .min {
      require(
        quantity.isNegative ? units <= quantity : units >= quantity,
        "\(text) in whole units is \(units)")
    }
  }
}
