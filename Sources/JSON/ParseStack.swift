/// Where a parser gathers the parts of a container whose size it does not know yet; each container
/// takes its parts off the top, as an array of exactly that size.
///
/// Arrays that grow by appending move several times and keep up to half of their room unused, which
/// stays with every object in a cache.
struct ParseStack<Element>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private var capacity = 32
  private(set) var count = 0

  init() { base = .allocate(capacity: capacity) }

  deinit {
    base.deinitialize(count: count)
    base.deallocate()
  }

  mutating func push(_ element: consuming Element) {
    if count == capacity { grow() }
    (base + count).initialize(to: element)
    count += 1
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: 2 * capacity)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity *= 2
  }

  /// What lies above `start`; valid until the next change.
  func elements(from start: Int) -> UnsafeBufferPointer<Element> {
    UnsafeBufferPointer(start: base + start, count: count - start)
  }

  mutating func popArray(from start: Int) -> [Element] {
    var array: [Element] = []
    array.reserveCapacity(count - start)
    for i in start..<count { array.append((base + i).move()) }
    count = start
    return array
  }

  mutating func popContiguousArray(from start: Int) -> ContiguousArray<Element> {
    var array: ContiguousArray<Element> = []
    array.reserveCapacity(count - start)
    for i in start..<count { array.append((base + i).move()) }
    count = start
    return array
  }
}
