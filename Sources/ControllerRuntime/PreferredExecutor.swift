/// What the current task prefers to run on; nil is the global executor.
///
/// For unstructured tasks, which inherit nothing (SE-0417): whoever runs an operator decides once, for
/// the task that runs it, and what that starts stays there.
package var preferredTaskExecutor: (any TaskExecutor)? {
  withUnsafeCurrentTask { $0?.unownedTaskExecutor?.asTaskExecutor() }
}
