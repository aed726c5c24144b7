import KubernetesAPI
import Synchronization

/// The cluster's own controllers: what kube-controller-manager, kube-scheduler and the kubelet of
/// one node would do, as far as an operator can see it. An idle cluster does nothing.
final class SimulatedControllers: Sendable {
  private let access: ClusterAccess
  private let configuration: SimulationConfiguration
  private let inbox = Mutex<[ClusterChange]>([])

  init(
    access: ClusterAccess, configuration: SimulationConfiguration = SimulationConfiguration()
  ) {
    self.access = access
    self.configuration = configuration
  }

  /// Runs until the task is cancelled.
  func run() async {
    let changes = access.observe()
    SimulatedNode.install(access, configuration)
    var engine = ControllerEngine(access: access, configuration: configuration)
    engine.noteEverything()
    let (wakeUps, waker) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    waker.yield()
    let reader = Task {
      for await change in changes {
        inbox.withLock { $0.append(change) }
        waker.yield()
      }
      waker.finish()
    }
    var timer: Task<Void, Never>?
    await withTaskCancellationHandler {
      for await _ in wakeUps {
        let arrived = inbox.withLock { inbox in
          defer { inbox = [] }
          return inbox
        }
        for change in arrived { engine.note(change) }
        engine.work()
        timer?.cancel()
        timer = engine.nextDue.map { due in wake(at: due, waker) }
      }
    } onCancel: {
      reader.cancel()
      waker.finish()
    }
    timer?.cancel()
  }

  private func wake(
    at time: Int64, _ waker: AsyncStream<Void>.Continuation
  ) -> Task<Void, Never> {
    let clock = access.clock
    return Task {
      let wait = max(0, time - clock.now())
      guard (try? await clock.sleep(.microseconds(wait))) != nil else { return }
      waker.yield()
    }
  }
}
