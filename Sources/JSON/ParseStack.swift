/// Where a parser gathers the parts of a container whose size it does not know yet; each container
/// takes its parts off the top, as an array of exactly that size.
///
/// Arrays that grow by appending move several times and keep up to half of their room unused, which
/// stays with every object in a cache.
struct ParseStack<Element>: ~Copyable {
  /// Allocated with the first element: many parsers meet no container.
  private var base: UnsafeMutablePointer<Element>?
  private var capacity = 0
  private(set) var count = 0

  init() {}

  deinit {
    base?.deinitialize(count: count)
    base?.deallocate()
  }

  mutating func push(_ element: consuming Element) {
    let base = count == capacity ? grow() : self.base ?? grow()
    (base + count).initialize(to: element)
    count += 1
  }

  private mutating func grow() -> UnsafeMutablePointer<Element> {
    capacity = max(32, 2 * capacity)
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    if let base {
      larger.moveInitialize(from: base, count: count)
      base.deallocate()
    }
    base = larger
    return larger
  }

  /// What lies above `start`; valid until the next change.
  func elements(from start: Int) -> UnsafeBufferPointer<Element> {
    UnsafeBufferPointer(start: base.map { $0 + start }, count: count - start)
  }

  mutating func popArray(from start: Int) -> [Element] {
    var array: [Element] = []
    guard let base, count > start else { return array }
    array.reserveCapacity(count - start)
    for i in start..<count { array.append((base + i).move()) }
    count = start
    return array
  }

  mutating func popContiguousArray(from start: Int) -> ContiguousArray<Element> {
    var array: ContiguousArray<Element> = []
    guard let base, count > start else { return array }
    array.reserveCapacity(count - start)
    for i in start..<count { array.append((base + i).move()) }
    count = start
    return array
  }
}
