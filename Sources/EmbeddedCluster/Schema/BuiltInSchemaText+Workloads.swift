extension BuiltInSchemaText {
  /// Workloads, autoscaling, policy, networking and leases. The notation is explained at `BuiltInSchemaText`.
  static let workloads = #"""
    %io.k8s.api.apps.v1
    =ControllerRevision apps/v1
    data x !
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    revision l !rD
    =DaemonSet apps/v1 #Runs a pod on every matching node.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @DaemonSetSpec D #The desired state.
    status @DaemonSetStatus D #The observed state, written by controllers.
    =DaemonSetCondition
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =DaemonSetSpec
    minReadySeconds i #How long a new pod must be ready before it counts as available.
    revisionHistoryLimit i * #How many old revisions are kept for a rollback.
    selector @LabelSelector *!r #Which objects this applies to.
    template @PodTemplateSpec !rD #What the pods are made from.
    updateStrategy @DaemonSetUpdateStrategy D
    =DaemonSetStatus
    collisionCount i *
    conditions []@DaemonSetCondition - M=type P=type #Observations, each with a type and a status.
    currentNumberScheduled i !rD
    desiredNumberScheduled i !rD
    numberAvailable i
    numberMisscheduled i !rD
    numberReady i !rD
    numberUnavailable i
    observedGeneration l #The generation that the status was made for.
    updatedNumberScheduled i
    =DaemonSetUpdateStrategy
    rollingUpdate @RollingUpdateDaemonSet *
    type s - E=OnDelete|RollingUpdate
    =Deployment apps/v1 #Runs a number of identical pods and replaces them when the template changes.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @DeploymentSpec D #The desired state.
    status @DeploymentStatus D #The observed state, written by controllers.
    =DeploymentCondition
    lastTransitionTime t
    lastUpdateTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =DeploymentSpec #The desired behaviour of a Deployment.
    minReadySeconds i #How long a new pod must be ready before it counts as available.
    paused b #Whether changes of the template wait.
    progressDeadlineSeconds i * #Seconds without progress after which the rollout is reported as failed.
    replicas i * #How many pods are wanted; a status has how many there are.
    revisionHistoryLimit i * #How many old revisions are kept for a rollback.
    selector @LabelSelector *!r #Which objects this applies to.
    strategy @DeploymentStrategy RD #How old pods are replaced by new ones.
    template @PodTemplateSpec !rD #What the pods are made from.
    =DeploymentStatus #The last observed state of a Deployment.
    availableReplicas i #How many pods are available.
    collisionCount i *
    conditions []@DeploymentCondition - M=type P=type #Observations, each with a type and a status.
    observedGeneration l #The generation that the status was made for.
    readyReplicas i #How many pods are ready.
    replicas i #How many pods are wanted; a status has how many there are.
    terminatingReplicas i *
    unavailableReplicas i #How many pods are missing or not available.
    updatedReplicas i #How many pods are of the newest template.
    =DeploymentStrategy
    rollingUpdate @RollingUpdateDeployment * #Limits of a rolling update.
    type s - E=Recreate|RollingUpdate #Recreate or RollingUpdate.
    =ReplicaSet apps/v1 #Keeps a number of identical pods running.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @ReplicaSetSpec D #The desired state.
    status @ReplicaSetStatus D #The observed state, written by controllers.
    =ReplicaSetCondition
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =ReplicaSetSpec
    minReadySeconds i #How long a new pod must be ready before it counts as available.
    replicas i * #How many pods are wanted; a status has how many there are.
    selector @LabelSelector *!r #Which objects this applies to.
    template @PodTemplateSpec D #What the pods are made from.
    =ReplicaSetStatus
    availableReplicas i #How many pods are available.
    conditions []@ReplicaSetCondition - M=type P=type #Observations, each with a type and a status.
    fullyLabeledReplicas i
    observedGeneration l #The generation that the status was made for.
    readyReplicas i #How many pods are ready.
    replicas i !rD #How many pods are wanted; a status has how many there are.
    terminatingReplicas i *
    =RollingUpdateDaemonSet
    maxSurge o *
    maxUnavailable o *
    =RollingUpdateDeployment
    maxSurge o * #How many pods may exist beyond the wanted number.
    maxUnavailable o * #How many pods may be missing.
    =RollingUpdateStatefulSetStrategy
    maxUnavailable o *
    partition i *
    =StatefulSet apps/v1 #Runs pods with stable names and storage.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @StatefulSetSpec D #The desired state.
    status @StatefulSetStatus D #The observed state, written by controllers.
    =StatefulSetCondition
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =StatefulSetOrdinals
    start i !D
    =StatefulSetPersistentVolumeClaimRetentionPolicy
    whenDeleted s - E=Delete|Retain
    whenScaled s - E=Delete|Retain
    =StatefulSetSpec
    minReadySeconds i #How long a new pod must be ready before it counts as available.
    ordinals @StatefulSetOrdinals *
    persistentVolumeClaimRetentionPolicy @StatefulSetPersistentVolumeClaimRetentionPolicy *
    podManagementPolicy s - E=OrderedReady|Parallel
    replicas i * #How many pods are wanted; a status has how many there are.
    revisionHistoryLimit i * #How many old revisions are kept for a rollback.
    selector @LabelSelector *!r #Which objects this applies to.
    serviceName s !D
    template @PodTemplateSpec !rD #What the pods are made from.
    updateStrategy @StatefulSetUpdateStrategy D
    volumeClaimTemplates []@PersistentVolumeClaim
    =StatefulSetStatus
    availableReplicas i !D #How many pods are available.
    collisionCount i *
    conditions []@StatefulSetCondition - M=type P=type #Observations, each with a type and a status.
    currentReplicas i
    currentRevision s
    observedGeneration l #The generation that the status was made for.
    readyReplicas i #How many pods are ready.
    replicas i !rD #How many pods are wanted; a status has how many there are.
    updateRevision s
    updatedReplicas i #How many pods are of the newest template.
    =StatefulSetUpdateStrategy
    rollingUpdate @RollingUpdateStatefulSetStrategy *
    type s - E=OnDelete|RollingUpdate
    %io.k8s.api.autoscaling.v1
    =Scale autoscaling/v1
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @ScaleSpec D #The desired state.
    status @ScaleStatus D #The observed state, written by controllers.
    =ScaleSpec
    replicas i D #How many pods are wanted; a status has how many there are.
    =ScaleStatus
    replicas i !rD #How many pods are wanted; a status has how many there are.
    selector s #Which objects this applies to.
    %io.k8s.api.autoscaling.v2
    =ContainerResourceMetricSource
    container s !rD
    name s !rD
    target @MetricTarget !rD
    =ContainerResourceMetricStatus
    container s !rD
    current @MetricValueStatus !rD
    name s !rD
    =CrossVersionObjectReference
    apiVersion s
    kind s !rD
    name s !rD
    =ExternalMetricSource
    metric @MetricIdentifier !rD
    target @MetricTarget !rD
    =ExternalMetricStatus
    current @MetricValueStatus !rD
    metric @MetricIdentifier !rD
    =HPAScalingPolicy
    periodSeconds i !rD
    type s !rD E=Percent|Pods
    value i !rD
    =HPAScalingRules
    policies []@HPAScalingPolicy
    selectPolicy s * E=Disabled|Max|Min
    stabilizationWindowSeconds i *
    tolerance q *
    =HorizontalPodAutoscaler autoscaling/v2 #Changes the number of replicas of a workload by its metrics.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @HorizontalPodAutoscalerSpec rD #The desired state.
    status @HorizontalPodAutoscalerStatus D #The observed state, written by controllers.
    =HorizontalPodAutoscalerBehavior
    scaleDown @HPAScalingRules *
    scaleUp @HPAScalingRules *
    =HorizontalPodAutoscalerCondition
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =HorizontalPodAutoscalerSpec
    behavior @HorizontalPodAutoscalerBehavior * #How fast to scale up and down.
    maxReplicas i !rD #Never more pods than this.
    metrics []@MetricSpec #What the number of pods is computed from.
    minReplicas i * #Never fewer pods than this.
    scaleTargetRef @CrossVersionObjectReference !rD #The workload that is scaled.
    =HorizontalPodAutoscalerStatus
    conditions []@HorizontalPodAutoscalerCondition - M=type P=type #Observations, each with a type and a status.
    currentMetrics []@MetricStatus !
    currentReplicas i
    desiredReplicas i !rD
    lastScaleTime t *
    observedGeneration l * #The generation that the status was made for.
    =MetricIdentifier
    name s !rD
    selector @LabelSelector * #Which objects this applies to.
    =MetricSpec
    containerResource @ContainerResourceMetricSource *
    external @ExternalMetricSource *
    object @ObjectMetricSource *
    pods @PodsMetricSource *
    resource @ResourceMetricSource *
    type s !rD E=ContainerResource|External|Object|Pods|Resource
    =MetricStatus
    containerResource @ContainerResourceMetricStatus *
    external @ExternalMetricStatus *
    object @ObjectMetricStatus *
    pods @PodsMetricStatus *
    resource @ResourceMetricStatus *
    type s !rD E=ContainerResource|External|Object|Pods|Resource
    =MetricTarget
    averageUtilization i *
    averageValue q *
    type s !rD E=AverageValue|Utilization|Value
    value q *
    =MetricValueStatus
    averageUtilization i *
    averageValue q *
    value q *
    =ObjectMetricSource
    describedObject @CrossVersionObjectReference !rD
    metric @MetricIdentifier !rD
    target @MetricTarget !rD
    =ObjectMetricStatus
    current @MetricValueStatus !rD
    describedObject @CrossVersionObjectReference !rD
    metric @MetricIdentifier !rD
    =PodsMetricSource
    metric @MetricIdentifier !rD
    target @MetricTarget !rD
    =PodsMetricStatus
    current @MetricValueStatus !rD
    metric @MetricIdentifier !rD
    =ResourceMetricSource
    name s !rD
    target @MetricTarget !rD
    =ResourceMetricStatus
    current @MetricValueStatus !rD
    name s !rD
    %io.k8s.api.batch.v1
    =CronJob batch/v1 #Creates jobs on a schedule.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @CronJobSpec rD #The desired state.
    status @CronJobStatus D #The observed state, written by controllers.
    =CronJobSpec
    concurrencyPolicy s - E=Allow|Forbid|Replace
    failedJobsHistoryLimit i *
    jobTemplate @JobTemplateSpec !rD
    schedule s !rD
    startingDeadlineSeconds l *
    successfulJobsHistoryLimit i *
    suspend b *
    timeZone s *
    =CronJobStatus
    active []@ObjectReference
    lastScheduleTime t *
    lastSuccessfulTime t *
    =Job batch/v1 #Runs pods until enough of them have succeeded.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @JobSpec D #The desired state.
    status @JobStatus D #The observed state, written by controllers.
    =JobCondition
    lastProbeTime t
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =JobSpec
    activeDeadlineSeconds l *
    backoffLimit i *
    backoffLimitPerIndex i *
    completionMode s * E=Indexed|NonIndexed
    completions i *
    managedBy s *
    manualSelector b *
    maxFailedIndexes i *
    parallelism i *
    podFailurePolicy @PodFailurePolicy *
    podReplacementPolicy s * E=Failed|TerminatingOrFailed
    selector @LabelSelector * #Which objects this applies to.
    successPolicy @SuccessPolicy *
    suspend b *
    template @PodTemplateSpec !rD #What the pods are made from.
    ttlSecondsAfterFinished i *
    =JobStatus
    active i
    completedIndexes s
    completionTime t *
    conditions []@JobCondition - P=type #Observations, each with a type and a status.
    failed i
    failedIndexes s *
    ready i *
    startTime t *
    succeeded i
    terminating i *
    uncountedTerminatedPods @UncountedTerminatedPods *
    =JobTemplateSpec
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @JobSpec D #The desired state.
    =PodFailurePolicy
    rules []@PodFailurePolicyRule !r
    =PodFailurePolicyOnExitCodesRequirement
    containerName s *
    operator s !rD E=In|NotIn
    values []i !rS
    =PodFailurePolicyOnPodConditionsPattern
    status s !D #The observed state, written by controllers.
    type s !rD
    =PodFailurePolicyRule
    action s !rD E=Count|FailIndex|FailJob|Ignore
    onExitCodes @PodFailurePolicyOnExitCodesRequirement *
    onPodConditions []@PodFailurePolicyOnPodConditionsPattern
    =SuccessPolicy
    rules []@SuccessPolicyRule !r
    =SuccessPolicyRule
    succeededCount i *
    succeededIndexes s *
    =UncountedTerminatedPods
    failed []s S
    succeeded []s S
    %io.k8s.api.coordination.v1
    =Lease coordination.k8s.io/v1 #A lock with an expiry, used for leader election and heartbeats.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @LeaseSpec D #The desired state.
    =LeaseSpec
    acquireTime m *
    holderIdentity s *
    leaseDurationSeconds i *
    leaseTransitions i *
    preferredHolder s *
    renewTime m *
    strategy s * #How old pods are replaced by new ones.
    %io.k8s.api.discovery.v1
    =Endpoint
    addresses []s !rS
    conditions @EndpointConditions #Observations, each with a type and a status.
    hostname s *
    targetRef @ObjectReference *
    deprecatedTopology {}s
    nodeName s *
    zone s *
    hints @EndpointHints *
    =EndpointConditions
    ready b *
    serving b *
    terminating b *
    =EndpointHints
    forZones []@ForZone
    forNodes []@ForNode
    =discovery.EndpointPort ~
    name s *
    protocol s *
    port i *
    appProtocol s *
    =EndpointSlice discovery.k8s.io/v1 #Some of the addresses behind a service.
    metadata @ObjectMeta #Name, labels and other data that every object has.
    addressType s !r
    endpoints []@Endpoint !
    ports []@discovery.EndpointPort !
    =ForNode
    name s !r
    =ForZone
    name s !r
    %io.k8s.api.networking.v1
    =HTTPIngressPath
    backend @IngressBackend !rD
    path s
    pathType s *!r E=Exact|ImplementationSpecific|Prefix
    =HTTPIngressRuleValue
    paths []@HTTPIngressPath !r
    =IPBlock
    cidr s !rD
    except []s
    =Ingress networking.k8s.io/v1 #Routes HTTP traffic from outside to services.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @IngressSpec D #The desired state.
    status @IngressStatus D #The observed state, written by controllers.
    =IngressBackend
    resource @TypedLocalObjectReference *
    service @IngressServiceBackend *
    =IngressClass networking.k8s.io/v1
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @IngressClassSpec D #The desired state.
    =IngressClassParametersReference
    apiGroup s *
    kind s !rD
    name s !rD
    namespace s *
    scope s *!
    =IngressClassSpec
    controller s
    parameters @IngressClassParametersReference *
    =IngressLoadBalancerIngress
    hostname s
    ip s
    ports []@IngressPortStatus
    =IngressLoadBalancerStatus
    ingress []@IngressLoadBalancerIngress
    =IngressPortStatus
    error s *
    port i !rD
    protocol s !rD E=SCTP|TCP|UDP
    =IngressRule
    host s
    http @HTTPIngressRuleValue *
    =IngressServiceBackend
    name s !rD
    port @ServiceBackendPort D
    =IngressSpec
    defaultBackend @IngressBackend *
    ingressClassName s *
    rules []@IngressRule
    tls []@IngressTLS
    =IngressStatus
    loadBalancer @IngressLoadBalancerStatus D
    =IngressTLS
    hosts []s
    secretName s
    =NetworkPolicy networking.k8s.io/v1 #Says which traffic pods accept and send.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @NetworkPolicySpec D #The desired state.
    =NetworkPolicyEgressRule
    ports []@NetworkPolicyPort
    to []@NetworkPolicyPeer
    =NetworkPolicyIngressRule
    from []@NetworkPolicyPeer
    ports []@NetworkPolicyPort
    =NetworkPolicyPeer
    ipBlock @IPBlock *
    namespaceSelector @LabelSelector *
    podSelector @LabelSelector *
    =NetworkPolicyPort
    endPort i *
    port o *
    protocol s * E=SCTP|TCP|UDP
    =NetworkPolicySpec
    egress []@NetworkPolicyEgressRule
    ingress []@NetworkPolicyIngressRule
    podSelector @LabelSelector !D
    policyTypes []s - E=Egress|Ingress
    =ServiceBackendPort ~
    name s
    number i
    %io.k8s.api.policy.v1
    =PodDisruptionBudget policy/v1 #Limits how many pods may be evicted at once.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @PodDisruptionBudgetSpec D #The desired state.
    status @PodDisruptionBudgetStatus D #The observed state, written by controllers.
    =PodDisruptionBudgetSpec
    maxUnavailable o * #How many pods may be missing.
    minAvailable o * #How many pods must stay.
    selector @LabelSelector * #Which objects this applies to.
    unhealthyPodEvictionPolicy s * E=AlwaysAllow|IfHealthyBudget
    =PodDisruptionBudgetStatus
    conditions []@Condition - M=type P=type #Observations, each with a type and a status.
    currentHealthy i !D
    desiredHealthy i !D
    disruptedPods {}t
    disruptionsAllowed i !D
    expectedPods i !D
    observedGeneration l #The generation that the status was made for.
    """#
}
