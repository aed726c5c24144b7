extension BuiltInSchemaText {
  /// Workloads, autoscaling, policy, networking and leases. The notation is explained at `BuiltInSchemaText`.
  static let workloads = #"""
    %io.k8s.api.apps.v1
    =ControllerRevision apps/v1
    2 data x !
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    3 revision l !rD
    =DaemonSet apps/v1 #Runs a pod on every matching node.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @DaemonSetSpec D #The desired state.
    3 status @DaemonSetStatus D #The observed state, written by controllers.
    =DaemonSetCondition
    3 lastTransitionTime t
    5 message s
    4 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =DaemonSetSpec
    4 minReadySeconds i #How long a new pod must be ready before it counts as available.
    6 revisionHistoryLimit i * #How many old revisions are kept for a rollback.
    1 selector @LabelSelector *!r #Which objects this applies to.
    2 template @PodTemplateSpec !rD #What the pods are made from.
    3 updateStrategy @DaemonSetUpdateStrategy D
    =DaemonSetStatus
    9 collisionCount i *
    10 conditions []@DaemonSetCondition - M=type P=type #Observations, each with a type and a status.
    1 currentNumberScheduled i !rD
    3 desiredNumberScheduled i !rD
    7 numberAvailable i
    2 numberMisscheduled i !rD
    4 numberReady i !rD
    8 numberUnavailable i
    5 observedGeneration l #The generation that the status was made for.
    6 updatedNumberScheduled i
    =DaemonSetUpdateStrategy
    2 rollingUpdate @RollingUpdateDaemonSet *
    1 type s - E=OnDelete|RollingUpdate
    =Deployment apps/v1 #Runs a number of identical pods and replaces them when the template changes.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @DeploymentSpec D #The desired state.
    3 status @DeploymentStatus D #The observed state, written by controllers.
    =DeploymentCondition
    7 lastTransitionTime t
    6 lastUpdateTime t
    5 message s
    4 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =DeploymentSpec #The desired behaviour of a Deployment.
    5 minReadySeconds i #How long a new pod must be ready before it counts as available.
    7 paused b #Whether changes of the template wait.
    9 progressDeadlineSeconds i * #Seconds without progress after which the rollout is reported as failed.
    1 replicas i * #How many pods are wanted; a status has how many there are.
    6 revisionHistoryLimit i * #How many old revisions are kept for a rollback.
    2 selector @LabelSelector *!r #Which objects this applies to.
    4 strategy @DeploymentStrategy RD #How old pods are replaced by new ones.
    3 template @PodTemplateSpec !rD #What the pods are made from.
    =DeploymentStatus #The last observed state of a Deployment.
    4 availableReplicas i #How many pods are available.
    8 collisionCount i *
    6 conditions []@DeploymentCondition - M=type P=type #Observations, each with a type and a status.
    1 observedGeneration l #The generation that the status was made for.
    7 readyReplicas i #How many pods are ready.
    2 replicas i #How many pods are wanted; a status has how many there are.
    9 terminatingReplicas i *
    5 unavailableReplicas i #How many pods are missing or not available.
    3 updatedReplicas i #How many pods are of the newest template.
    =DeploymentStrategy
    2 rollingUpdate @RollingUpdateDeployment * #Limits of a rolling update.
    1 type s - E=Recreate|RollingUpdate #Recreate or RollingUpdate.
    =ReplicaSet apps/v1 #Keeps a number of identical pods running.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @ReplicaSetSpec D #The desired state.
    3 status @ReplicaSetStatus D #The observed state, written by controllers.
    =ReplicaSetCondition
    3 lastTransitionTime t
    5 message s
    4 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =ReplicaSetSpec
    4 minReadySeconds i #How long a new pod must be ready before it counts as available.
    1 replicas i * #How many pods are wanted; a status has how many there are.
    2 selector @LabelSelector *!r #Which objects this applies to.
    3 template @PodTemplateSpec D #What the pods are made from.
    =ReplicaSetStatus
    5 availableReplicas i #How many pods are available.
    6 conditions []@ReplicaSetCondition - M=type P=type #Observations, each with a type and a status.
    2 fullyLabeledReplicas i
    3 observedGeneration l #The generation that the status was made for.
    4 readyReplicas i #How many pods are ready.
    1 replicas i !rD #How many pods are wanted; a status has how many there are.
    7 terminatingReplicas i *
    =RollingUpdateDaemonSet
    2 maxSurge o *
    1 maxUnavailable o *
    =RollingUpdateDeployment
    2 maxSurge o * #How many pods may exist beyond the wanted number.
    1 maxUnavailable o * #How many pods may be missing.
    =RollingUpdateStatefulSetStrategy
    2 maxUnavailable o *
    1 partition i *
    =StatefulSet apps/v1 #Runs pods with stable names and storage.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @StatefulSetSpec D #The desired state.
    3 status @StatefulSetStatus D #The observed state, written by controllers.
    =StatefulSetCondition
    3 lastTransitionTime t
    5 message s
    4 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =StatefulSetOrdinals
    1 start i !D
    =StatefulSetPersistentVolumeClaimRetentionPolicy
    1 whenDeleted s - E=Delete|Retain
    2 whenScaled s - E=Delete|Retain
    =StatefulSetSpec
    9 minReadySeconds i #How long a new pod must be ready before it counts as available.
    11 ordinals @StatefulSetOrdinals *
    10 persistentVolumeClaimRetentionPolicy @StatefulSetPersistentVolumeClaimRetentionPolicy *
    6 podManagementPolicy s - E=OrderedReady|Parallel
    1 replicas i * #How many pods are wanted; a status has how many there are.
    8 revisionHistoryLimit i * #How many old revisions are kept for a rollback.
    2 selector @LabelSelector *!r #Which objects this applies to.
    5 serviceName s !D
    3 template @PodTemplateSpec !rD #What the pods are made from.
    7 updateStrategy @StatefulSetUpdateStrategy D
    4 volumeClaimTemplates []@PersistentVolumeClaim
    =StatefulSetStatus
    11 availableReplicas i !D #How many pods are available.
    9 collisionCount i *
    10 conditions []@StatefulSetCondition - M=type P=type #Observations, each with a type and a status.
    4 currentReplicas i
    6 currentRevision s
    1 observedGeneration l #The generation that the status was made for.
    3 readyReplicas i #How many pods are ready.
    2 replicas i !rD #How many pods are wanted; a status has how many there are.
    7 updateRevision s
    5 updatedReplicas i #How many pods are of the newest template.
    =StatefulSetUpdateStrategy
    2 rollingUpdate @RollingUpdateStatefulSetStrategy *
    1 type s - E=OnDelete|RollingUpdate
    %io.k8s.api.autoscaling.v1
    =Scale autoscaling/v1
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @ScaleSpec D #The desired state.
    3 status @ScaleStatus D #The observed state, written by controllers.
    =ScaleSpec
    1 replicas i D #How many pods are wanted; a status has how many there are.
    =ScaleStatus
    1 replicas i !rD #How many pods are wanted; a status has how many there are.
    2 selector s #Which objects this applies to.
    =v1.HorizontalPodAutoscaler autoscaling/v1 #Changes the number of replicas of a workload by its CPU usage.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @v1.HorizontalPodAutoscalerSpec rD #The desired state.
    3 status @v1.HorizontalPodAutoscalerStatus D #The observed state, written by controllers.
    =v1.HorizontalPodAutoscalerSpec
    3 maxReplicas i !rD #Never more pods than this.
    2 minReplicas i * #Never fewer pods than this.
    1 scaleTargetRef @CrossVersionObjectReference !rD #The workload that is scaled.
    4 targetCPUUtilizationPercentage i * #The average CPU usage of all pods, in percent of what they request.
    =v1.HorizontalPodAutoscalerStatus
    5 currentCPUUtilizationPercentage i *
    3 currentReplicas i !rD
    4 desiredReplicas i !rD
    2 lastScaleTime t *
    1 observedGeneration l * #The generation that the status was made for.
    %io.k8s.api.autoscaling.v2
    =ContainerResourceMetricSource
    3 container s !rD
    1 name s !rD
    2 target @MetricTarget !rD
    =ContainerResourceMetricStatus
    3 container s !rD
    2 current @MetricValueStatus !rD
    1 name s !rD
    =CrossVersionObjectReference
    3 apiVersion s
    1 kind s !rD
    2 name s !rD
    =ExternalMetricSource
    1 metric @MetricIdentifier !rD
    2 target @MetricTarget !rD
    =ExternalMetricStatus
    2 current @MetricValueStatus !rD
    1 metric @MetricIdentifier !rD
    =HPAScalingPolicy
    3 periodSeconds i !rD
    1 type s !rD E=Percent|Pods
    2 value i !rD
    =HPAScalingRules
    2 policies []@HPAScalingPolicy
    1 selectPolicy s * E=Disabled|Max|Min
    3 stabilizationWindowSeconds i *
    4 tolerance q *
    =HorizontalPodAutoscaler autoscaling/v2 #Changes the number of replicas of a workload by its metrics.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @HorizontalPodAutoscalerSpec rD #The desired state.
    3 status @HorizontalPodAutoscalerStatus D #The observed state, written by controllers.
    =HorizontalPodAutoscalerBehavior
    2 scaleDown @HPAScalingRules *
    1 scaleUp @HPAScalingRules *
    =HorizontalPodAutoscalerCondition
    3 lastTransitionTime t
    5 message s
    4 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =HorizontalPodAutoscalerSpec
    5 behavior @HorizontalPodAutoscalerBehavior * #How fast to scale up and down.
    3 maxReplicas i !rD #Never more pods than this.
    4 metrics []@MetricSpec #What the number of pods is computed from.
    2 minReplicas i * #Never fewer pods than this.
    1 scaleTargetRef @CrossVersionObjectReference !rD #The workload that is scaled.
    =HorizontalPodAutoscalerStatus
    6 conditions []@HorizontalPodAutoscalerCondition - M=type P=type #Observations, each with a type and a status.
    5 currentMetrics []@MetricStatus !
    3 currentReplicas i
    4 desiredReplicas i !rD
    2 lastScaleTime t *
    1 observedGeneration l * #The generation that the status was made for.
    =MetricIdentifier
    1 name s !rD
    2 selector @LabelSelector * #Which objects this applies to.
    =MetricSpec
    7 containerResource @ContainerResourceMetricSource *
    5 external @ExternalMetricSource *
    2 object @ObjectMetricSource *
    3 pods @PodsMetricSource *
    4 resource @ResourceMetricSource *
    1 type s !rD E=ContainerResource|External|Object|Pods|Resource
    =MetricStatus
    7 containerResource @ContainerResourceMetricStatus *
    5 external @ExternalMetricStatus *
    2 object @ObjectMetricStatus *
    3 pods @PodsMetricStatus *
    4 resource @ResourceMetricStatus *
    1 type s !rD E=ContainerResource|External|Object|Pods|Resource
    =MetricTarget
    4 averageUtilization i *
    3 averageValue q *
    1 type s !rD E=AverageValue|Utilization|Value
    2 value q *
    =MetricValueStatus
    3 averageUtilization i *
    2 averageValue q *
    1 value q *
    =ObjectMetricSource
    1 describedObject @CrossVersionObjectReference !rD
    3 metric @MetricIdentifier !rD
    2 target @MetricTarget !rD
    =ObjectMetricStatus
    2 current @MetricValueStatus !rD
    3 describedObject @CrossVersionObjectReference !rD
    1 metric @MetricIdentifier !rD
    =PodsMetricSource
    1 metric @MetricIdentifier !rD
    2 target @MetricTarget !rD
    =PodsMetricStatus
    2 current @MetricValueStatus !rD
    1 metric @MetricIdentifier !rD
    =ResourceMetricSource
    1 name s !rD
    2 target @MetricTarget !rD
    =ResourceMetricStatus
    2 current @MetricValueStatus !rD
    1 name s !rD
    %io.k8s.api.batch.v1
    =CronJob batch/v1 #Creates jobs on a schedule.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @CronJobSpec rD #The desired state.
    3 status @CronJobStatus D #The observed state, written by controllers.
    =CronJobSpec
    3 concurrencyPolicy s - E=Allow|Forbid|Replace
    7 failedJobsHistoryLimit i *
    5 jobTemplate @JobTemplateSpec !rD
    1 schedule s !rD
    2 startingDeadlineSeconds l *
    6 successfulJobsHistoryLimit i *
    4 suspend b *
    8 timeZone s *
    =CronJobStatus
    1 active []@ObjectReference
    4 lastScheduleTime t *
    5 lastSuccessfulTime t *
    =Job batch/v1 #Runs pods until enough of them have succeeded.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @JobSpec D #The desired state.
    3 status @JobStatus D #The observed state, written by controllers.
    =JobCondition
    3 lastProbeTime t
    4 lastTransitionTime t
    6 message s
    5 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =JobSpec
    3 activeDeadlineSeconds l *
    7 backoffLimit i *
    12 backoffLimitPerIndex i *
    9 completionMode s * E=Indexed|NonIndexed
    2 completions i *
    15 managedBy s *
    5 manualSelector b *
    13 maxFailedIndexes i *
    1 parallelism i *
    11 podFailurePolicy @PodFailurePolicy *
    14 podReplacementPolicy s * E=Failed|TerminatingOrFailed
    4 selector @LabelSelector * #Which objects this applies to.
    16 successPolicy @SuccessPolicy *
    10 suspend b *
    6 template @PodTemplateSpec !rD #What the pods are made from.
    8 ttlSecondsAfterFinished i *
    =JobStatus
    4 active i
    7 completedIndexes s
    3 completionTime t *
    1 conditions []@JobCondition - P=type #Observations, each with a type and a status.
    6 failed i
    10 failedIndexes s *
    9 ready i *
    2 startTime t *
    5 succeeded i
    11 terminating i *
    8 uncountedTerminatedPods @UncountedTerminatedPods *
    =JobTemplateSpec
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @JobSpec D #The desired state.
    =PodFailurePolicy
    1 rules []@PodFailurePolicyRule !r
    =PodFailurePolicyOnExitCodesRequirement
    1 containerName s *
    2 operator s !rD E=In|NotIn
    3 values []i !rS
    =PodFailurePolicyOnPodConditionsPattern
    2 status s !D #The observed state, written by controllers.
    1 type s !rD
    =PodFailurePolicyRule
    1 action s !rD E=Count|FailIndex|FailJob|Ignore
    2 onExitCodes @PodFailurePolicyOnExitCodesRequirement *
    3 onPodConditions []@PodFailurePolicyOnPodConditionsPattern
    =SuccessPolicy
    1 rules []@SuccessPolicyRule !r
    =SuccessPolicyRule
    2 succeededCount i *
    1 succeededIndexes s *
    =UncountedTerminatedPods
    2 failed []s S
    1 succeeded []s S
    %io.k8s.api.coordination.v1
    =Lease coordination.k8s.io/v1 #A lock with an expiry, used for leader election and heartbeats.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @LeaseSpec D #The desired state.
    =LeaseSpec
    3 acquireTime m *
    1 holderIdentity s *
    2 leaseDurationSeconds i *
    5 leaseTransitions i *
    7 preferredHolder s *
    4 renewTime m *
    6 strategy s * #How old pods are replaced by new ones.
    %io.k8s.api.discovery.v1
    =Endpoint
    1 addresses []s !rS
    2 conditions @EndpointConditions #Observations, each with a type and a status.
    3 hostname s *
    4 targetRef @ObjectReference *
    5 deprecatedTopology {}s
    6 nodeName s *
    7 zone s *
    8 hints @EndpointHints *
    =EndpointConditions
    1 ready b *
    2 serving b *
    3 terminating b *
    =EndpointHints
    1 forZones []@ForZone
    2 forNodes []@ForNode
    =discovery.EndpointPort ~
    1 name s *
    2 protocol s *
    3 port i *
    4 appProtocol s *
    =EndpointSlice discovery.k8s.io/v1 #Some of the addresses behind a service.
    1 metadata @ObjectMeta #Name, labels and other data that every object has.
    4 addressType s !r
    2 endpoints []@Endpoint !
    3 ports []@discovery.EndpointPort !
    =ForNode
    1 name s !r
    =ForZone
    1 name s !r
    %io.k8s.api.networking.v1
    =HTTPIngressPath
    2 backend @IngressBackend !rD
    1 path s
    3 pathType s *!r E=Exact|ImplementationSpecific|Prefix
    =HTTPIngressRuleValue
    1 paths []@HTTPIngressPath !r
    =IPBlock
    1 cidr s !rD
    2 except []s
    =Ingress networking.k8s.io/v1 #Routes HTTP traffic from outside to services.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @IngressSpec D #The desired state.
    3 status @IngressStatus D #The observed state, written by controllers.
    =IngressBackend
    3 resource @TypedLocalObjectReference *
    4 service @IngressServiceBackend *
    =IngressClass networking.k8s.io/v1
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @IngressClassSpec D #The desired state.
    =IngressClassParametersReference
    1 apiGroup s *
    2 kind s !rD
    3 name s !rD
    5 namespace s *
    4 scope s *!
    =IngressClassSpec
    1 controller s
    2 parameters @IngressClassParametersReference *
    =IngressLoadBalancerIngress
    2 hostname s
    1 ip s
    4 ports []@IngressPortStatus
    =IngressLoadBalancerStatus
    1 ingress []@IngressLoadBalancerIngress
    =IngressPortStatus
    3 error s *
    1 port i !rD
    2 protocol s !rD E=SCTP|TCP|UDP
    =IngressRule
    1 host s
    2.1 http @HTTPIngressRuleValue *
    =IngressServiceBackend
    1 name s !rD
    2 port @ServiceBackendPort D
    =IngressSpec
    1 defaultBackend @IngressBackend *
    4 ingressClassName s *
    3 rules []@IngressRule
    2 tls []@IngressTLS
    =IngressStatus
    1 loadBalancer @IngressLoadBalancerStatus D
    =IngressTLS
    1 hosts []s
    2 secretName s
    =NetworkPolicy networking.k8s.io/v1 #Says which traffic pods accept and send.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @NetworkPolicySpec D #The desired state.
    =NetworkPolicyEgressRule
    1 ports []@NetworkPolicyPort
    2 to []@NetworkPolicyPeer
    =NetworkPolicyIngressRule
    2 from []@NetworkPolicyPeer
    1 ports []@NetworkPolicyPort
    =NetworkPolicyPeer
    3 ipBlock @IPBlock *
    2 namespaceSelector @LabelSelector *
    1 podSelector @LabelSelector *
    =NetworkPolicyPort
    3 endPort i *
    2 port o *
    1 protocol s * E=SCTP|TCP|UDP
    =NetworkPolicySpec
    3 egress []@NetworkPolicyEgressRule
    2 ingress []@NetworkPolicyIngressRule
    1 podSelector @LabelSelector !D
    4 policyTypes []s - E=Egress|Ingress
    =ServiceBackendPort ~
    1 name s
    2 number i
    %io.k8s.api.scheduling.v1
    =PriorityClass scheduling.k8s.io/v1 #How important pods are that name it.
    4 description s #When to use it.
    3 globalDefault b #Whether pods without a class have this one.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    5 preemptionPolicy s * E=Never|PreemptLowerPriority #Whether such pods displace others.
    2 value i !rD #The priority; higher ones are scheduled first.
    %io.k8s.api.storage.v1
    =StorageClass storage.k8s.io/v1 #A kind of storage that claims can ask for.
    6 allowVolumeExpansion b * #Whether claims may grow.
    8 allowedTopologies []@TopologySelectorTerm #Where volumes may be made.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    5 mountOptions []s #How volumes are mounted.
    3 parameters {}s #What the provisioner is told.
    2 provisioner s !rD #Who makes volumes.
    4 reclaimPolicy s * #What becomes of a volume whose claim is deleted.
    7 volumeBindingMode s * #When volumes are made and bound.
    =TopologySelectorLabelRequirement
    1 key s !rD
    2 values []s !r
    =TopologySelectorTerm ~
    1 matchLabelExpressions []@TopologySelectorLabelRequirement
    %io.k8s.api.policy.v1
    =Eviction
    - apiVersion s
    2 deleteOptions @DeleteOptions *
    - kind s
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    =PodDisruptionBudget policy/v1 #Limits how many pods may be evicted at once.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @PodDisruptionBudgetSpec D #The desired state.
    3 status @PodDisruptionBudgetStatus D #The observed state, written by controllers.
    =PodDisruptionBudgetSpec
    3 maxUnavailable o * #How many pods may be missing.
    1 minAvailable o * #How many pods must stay.
    2 selector @LabelSelector * #Which objects this applies to.
    4 unhealthyPodEvictionPolicy s * E=AlwaysAllow|IfHealthyBudget
    =PodDisruptionBudgetStatus
    7 conditions []@Condition - M=type P=type #Observations, each with a type and a status.
    4 currentHealthy i !D
    5 desiredHealthy i !D
    2 disruptedPods {}t
    3 disruptionsAllowed i !D
    6 expectedPods i !D
    1 observedGeneration l #The generation that the status was made for.
    """#
}
