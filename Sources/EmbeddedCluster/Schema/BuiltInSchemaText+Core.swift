extension BuiltInSchemaText {
  /// The core group. The notation is explained at `BuiltInSchemaText`.
  static let core = #"""
    %io.k8s.api.core.v1
    =AWSElasticBlockStoreVolumeSource
    2 fsType s
    3 partition i
    4 readOnly b
    1 volumeID s !rD
    =Affinity
    1 nodeAffinity @NodeAffinity *
    2 podAffinity @PodAffinity *
    3 podAntiAffinity @PodAntiAffinity *
    =AppArmorProfile
    2 localhostProfile s *
    1 type s !rD E=Localhost|RuntimeDefault|Unconfined
    =AttachedVolume
    2 devicePath s !rD
    1 name s !rD
    =AzureDiskVolumeSource
    3 cachingMode s * D="ReadWrite" E=None|ReadOnly|ReadWrite
    1 diskName s !rD
    2 diskURI s !rD
    4 fsType s * D="ext4"
    6 kind s * D="Shared" E=Dedicated|Managed|Shared
    5 readOnly b *D
    =AzureFilePersistentVolumeSource
    3 readOnly b
    1 secretName s !rD
    4 secretNamespace s *!
    2 shareName s !rD
    =AzureFileVolumeSource
    3 readOnly b
    1 secretName s !rD
    2 shareName s !rD
    =Binding
    - apiVersion s
    - kind s
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 target @ObjectReference !rD
    =CSIPersistentVolumeSource
    9 controllerExpandSecretRef @SecretReference *
    6 controllerPublishSecretRef @SecretReference *
    1 driver s !rD
    4 fsType s
    10 nodeExpandSecretRef @SecretReference *
    8 nodePublishSecretRef @SecretReference *
    7 nodeStageSecretRef @SecretReference *
    3 readOnly b
    5 volumeAttributes {}s
    2 volumeHandle s !rD
    =CSIVolumeSource
    1 driver s !rD
    3 fsType s *
    5 nodePublishSecretRef @LocalObjectReference *
    2 readOnly b *
    4 volumeAttributes {}s
    =Capabilities
    1 add []s
    2 drop []s
    =CephFSPersistentVolumeSource
    1 monitors []s !r
    2 path s
    6 readOnly b
    4 secretFile s
    5 secretRef @SecretReference *
    3 user s
    =CephFSVolumeSource
    1 monitors []s !r
    2 path s
    6 readOnly b
    4 secretFile s
    5 secretRef @LocalObjectReference *
    3 user s
    =CinderPersistentVolumeSource
    2 fsType s
    3 readOnly b
    4 secretRef @SecretReference *
    1 volumeID s !rD
    =CinderVolumeSource
    2 fsType s
    3 readOnly b
    4 secretRef @LocalObjectReference *
    1 volumeID s !rD
    =ClientIPConfig
    1 timeoutSeconds i *
    =ClusterTrustBundleProjection
    3 labelSelector @LabelSelector *
    1 name s *
    5 optional b *
    4 path s !rD
    2 signerName s *
    =ConfigMap v1 #Configuration as named texts or bytes.
    3 binaryData {}y #Bytes by key, in base64.
    2 data {}s #Texts by key.
    4 immutable b * #Whether data can no longer change.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    =ConfigMapEnvSource
    1.1 name s D
    2 optional b *
    =ConfigMapKeySelector ~
    2 key s !rD
    1.1 name s D
    3 optional b *
    =ConfigMapNodeConfigSource
    5 kubeletConfigKey s !rD
    2 name s !rD
    1 namespace s !rD
    4 resourceVersion s
    3 uid s
    =ConfigMapProjection
    2 items []@KeyToPath
    1.1 name s D
    4 optional b *
    =ConfigMapVolumeSource
    3 defaultMode i *
    2 items []@KeyToPath
    1.1 name s D
    4 optional b *
    =Container #One container of a pod.
    4 args []s #Arguments of the entry point.
    3 command []s #Replaces the entry point of the image.
    7 env []@EnvVar - M=name P=name #Environment variables.
    19 envFrom []@EnvFromSource #Sources of more environment variables.
    2 image s #The image to run.
    14 imagePullPolicy s - E=Always|IfNotPresent|Never #When the image is pulled.
    12 lifecycle @Lifecycle * #What to run after the start and before the stop.
    10 livenessProbe @Probe * #Restarts the container when it fails.
    1 name s !rD #Unique within the pod.
    6 ports []@ContainerPort - M=containerPort,protocol P=containerPort #Ports that the container listens on.
    11 readinessProbe @Probe * #Takes the pod out of services while it fails.
    23 resizePolicy []@ContainerResizePolicy
    8 resources @ResourceRequirements D #Compute resources needed and allowed.
    24 restartPolicy s * E=Always|Never|OnFailure
    25 restartPolicyRules []@ContainerRestartRule
    15 securityContext @SecurityContext * #Security settings of the container.
    22 startupProbe @Probe * #Holds the other probes back until it succeeds.
    16 stdin b
    17 stdinOnce b
    13 terminationMessagePath s
    20 terminationMessagePolicy s - E=FallbackToLogsOnError|File
    18 tty b
    21 volumeDevices []@VolumeDevice - M=devicePath P=devicePath
    9 volumeMounts []@VolumeMount - M=mountPath P=mountPath #Where volumes appear in the file system.
    5 workingDir s
    =ContainerExtendedResourceRequest
    1 containerName s !rD
    3 requestName s !rD
    2 resourceName s !rD
    =ContainerImage
    1 names []s !
    2 sizeBytes l
    =ContainerPort
    3 containerPort i !rD
    5 hostIP s
    2 hostPort i
    1 name s
    4 protocol s - D="TCP" E=SCTP|TCP|UDP
    =ContainerResizePolicy
    1 resourceName s !rD
    2 restartPolicy s !rD
    =ContainerRestartRule
    1 action s r
    2 exitCodes @ContainerRestartRuleOnExitCodes *
    =ContainerRestartRuleOnExitCodes
    1 operator s r
    2 values []i S
    =ContainerState
    2 running @ContainerStateRunning *
    3 terminated @ContainerStateTerminated *
    1 waiting @ContainerStateWaiting *
    =ContainerStateRunning
    1 startedAt t
    =ContainerStateTerminated
    7 containerID s
    1 exitCode i !rD
    6 finishedAt t
    4 message s
    3 reason s
    2 signal i
    5 startedAt t
    =ContainerStateWaiting
    2 message s
    1 reason s
    =ContainerStatus
    10 allocatedResources {}q
    14 allocatedResourcesStatus []@ResourceStatus - M=name P=name
    8 containerID s
    6 image s !rD
    7 imageID s !rD
    3 lastState @ContainerState D
    1 name s !rD
    4 ready b !rD
    11 resources @ResourceRequirements *
    5 restartCount i !rD
    9 started b *
    2 state @ContainerState D
    15 stopSignal s * E=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
    13 user @ContainerUser *
    12 volumeMounts []@VolumeMountStatus - M=mountPath P=mountPath
    =ContainerUser
    1 linux @LinuxContainerUser *
    =DaemonEndpoint
    1 Port i !rD
    =DownwardAPIProjection
    1 items []@DownwardAPIVolumeFile
    =DownwardAPIVolumeFile
    2 fieldRef @ObjectFieldSelector *
    4 mode i *
    1 path s !rD
    3 resourceFieldRef @ResourceFieldSelector *
    =DownwardAPIVolumeSource
    2 defaultMode i *
    1 items []@DownwardAPIVolumeFile
    =EmptyDirVolumeSource
    1 medium s
    2 sizeLimit q *
    =EndpointAddress ~
    3 hostname s
    1 ip s !rD
    4 nodeName s *
    2 targetRef @ObjectReference *
    =EndpointPort ~
    4 appProtocol s *
    1 name s
    2 port i !rD
    3 protocol s - E=SCTP|TCP|UDP
    =EndpointSubset
    1 addresses []@EndpointAddress
    2 notReadyAddresses []@EndpointAddress
    3 ports []@EndpointPort
    =Endpoints v1 #The addresses behind a service.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 subsets []@EndpointSubset
    =EnvFromSource
    2 configMapRef @ConfigMapEnvSource *
    1 prefix s
    3 secretRef @SecretEnvSource *
    =EnvVar
    1 name s !rD
    2 value s
    3 valueFrom @EnvVarSource *
    =EnvVarSource
    3 configMapKeyRef @ConfigMapKeySelector *
    1 fieldRef @ObjectFieldSelector *
    5 fileKeyRef @FileKeySelector *
    2 resourceFieldRef @ResourceFieldSelector *
    4 secretKeyRef @SecretKeySelector *
    =EphemeralContainer
    1.4 args []s
    1.3 command []s
    1.7 env []@EnvVar - M=name P=name
    1.19 envFrom []@EnvFromSource
    1.2 image s
    1.14 imagePullPolicy s - E=Always|IfNotPresent|Never
    1.12 lifecycle @Lifecycle *
    1.10 livenessProbe @Probe *
    1.1 name s !rD
    1.6 ports []@ContainerPort - M=containerPort,protocol P=containerPort
    1.11 readinessProbe @Probe *
    1.23 resizePolicy []@ContainerResizePolicy
    1.8 resources @ResourceRequirements D
    1.24 restartPolicy s * E=Always|Never|OnFailure
    1.25 restartPolicyRules []@ContainerRestartRule
    1.15 securityContext @SecurityContext *
    1.22 startupProbe @Probe *
    1.16 stdin b
    1.17 stdinOnce b
    2 targetContainerName s
    1.13 terminationMessagePath s
    1.20 terminationMessagePolicy s - E=FallbackToLogsOnError|File
    1.18 tty b
    1.21 volumeDevices []@VolumeDevice - M=devicePath P=devicePath
    1.9 volumeMounts []@VolumeMount - M=mountPath P=mountPath
    1.5 workingDir s
    =EphemeralVolumeSource
    1 volumeClaimTemplate @PersistentVolumeClaimTemplate *
    =Event v1 #A report of something that happened to an object.
    12 action s
    8 count i
    10 eventTime m
    6 firstTimestamp t
    2 involvedObject @ObjectReference !rD
    7 lastTimestamp t
    4 message s
    1 metadata @ObjectMeta !rD #Name, labels and other data that every object has.
    3 reason s
    13 related @ObjectReference *
    14 reportingComponent s !D
    15 reportingInstance s !D
    11 series @EventSeries *
    5 source @EventSource D
    9 type s
    =EventSeries
    1 count i
    2 lastObservedTime m
    =EventSource
    1 component s
    2 host s
    =ExecAction
    1 command []s
    =FCVolumeSource
    3 fsType s
    2 lun i *
    4 readOnly b
    1 targetWWNs []s
    5 wwids []s
    =FileKeySelector ~
    3 key s !rD
    4 optional b *D
    2 path s !rD
    1 volumeName s !rD
    =FlexPersistentVolumeSource
    1 driver s !rD
    2 fsType s
    5 options {}s
    4 readOnly b
    3 secretRef @SecretReference *
    =FlexVolumeSource
    1 driver s !rD
    2 fsType s
    5 options {}s
    4 readOnly b
    3 secretRef @LocalObjectReference *
    =FlockerVolumeSource
    1 datasetName s
    2 datasetUUID s
    =GCEPersistentDiskVolumeSource
    2 fsType s
    3 partition i
    1 pdName s !rD
    4 readOnly b
    =GRPCAction
    1 port i !rD
    2 service s *!D
    =GitRepoVolumeSource
    3 directory s
    1 repository s !rD
    2 revision s
    =GlusterfsPersistentVolumeSource
    1 endpoints s !rD
    4 endpointsNamespace s *
    2 path s !rD
    3 readOnly b
    =GlusterfsVolumeSource
    1 endpoints s !rD
    2 path s !rD
    3 readOnly b
    =HTTPGetAction
    3 host s
    5 httpHeaders []@HTTPHeader
    1 path s
    2 port o !r
    4 scheme s - E=HTTP|HTTPS
    =HTTPHeader
    1 name s !rD
    2 value s !rD
    =HostAlias
    2 hostnames []s
    1 ip s !rD
    =HostIP
    1 ip s !rD
    =HostPathVolumeSource
    1 path s !rD
    2 type s * E=|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
    =ISCSIPersistentVolumeSource
    8 chapAuthDiscovery b
    11 chapAuthSession b
    5 fsType s
    12 initiatorName s *
    2 iqn s !rD
    4 iscsiInterface s - D="default"
    3 lun i !rD
    7 portals []s
    6 readOnly b
    10 secretRef @SecretReference *
    1 targetPortal s !rD
    =ISCSIVolumeSource
    8 chapAuthDiscovery b
    11 chapAuthSession b
    5 fsType s
    12 initiatorName s *
    2 iqn s !rD
    4 iscsiInterface s - D="default"
    3 lun i !rD
    7 portals []s
    6 readOnly b
    10 secretRef @LocalObjectReference *
    1 targetPortal s !rD
    =ImageVolumeSource
    2 pullPolicy s - E=Always|IfNotPresent|Never
    1 reference s
    =ImageVolumeStatus
    1 imageRef s r
    =KeyToPath
    1 key s !rD
    3 mode i *
    2 path s !rD
    =Lifecycle
    1 postStart @LifecycleHandler *
    2 preStop @LifecycleHandler *
    3 stopSignal s * E=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
    =LifecycleHandler
    1 exec @ExecAction *
    2 httpGet @HTTPGetAction *
    4 sleep @SleepAction *
    3 tcpSocket @TCPSocketAction *
    =LimitRange v1
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @LimitRangeSpec D #The desired state.
    =LimitRangeItem
    4 default {}q
    5 defaultRequest {}q
    2 max {}q
    6 maxLimitRequestRatio {}q
    3 min {}q
    1 type s !rD
    =LimitRangeSpec
    1 limits []@LimitRangeItem !r
    =LinuxContainerUser
    2 gid l !rD
    3 supplementalGroups []l
    1 uid l !rD
    =LoadBalancerIngress
    2 hostname s
    1 ip s
    3 ipMode s *
    4 ports []@PortStatus
    =LoadBalancerStatus
    1 ingress []@LoadBalancerIngress
    =LocalObjectReference ~
    1 name s D
    =LocalVolumeSource
    2 fsType s *
    1 path s !rD
    =ModifyVolumeStatus
    2 status s !rD E=InProgress|Infeasible|Pending #The observed state, written by controllers.
    1 targetVolumeAttributesClassName s
    =NFSVolumeSource
    2 path s !rD
    3 readOnly b
    1 server s !rD
    =Namespace v1 #A scope for names.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @NamespaceSpec D #The desired state.
    3 status @NamespaceStatus D #The observed state, written by controllers.
    =NamespaceCondition
    4 lastTransitionTime t
    6 message s
    5 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =NamespaceSpec
    1 finalizers []s
    =NamespaceStatus
    2 conditions []@NamespaceCondition - M=type P=type #Observations, each with a type and a status.
    1 phase s - E=Active|Terminating
    =Node v1 #A machine of the cluster.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @NodeSpec D #The desired state.
    3 status @NodeStatus D #The observed state, written by controllers.
    =NodeAddress
    2 address s !rD
    1 type s !rD
    =NodeAffinity
    2 preferredDuringSchedulingIgnoredDuringExecution []@PreferredSchedulingTerm
    1 requiredDuringSchedulingIgnoredDuringExecution @NodeSelector *
    =NodeAllocatableResourceClaimStatus
    2 containers []s S
    1 resourceClaimName s !rD
    - resources {}q *r
    =NodeCondition
    3 lastHeartbeatTime t
    4 lastTransitionTime t
    6 message s
    5 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =NodeConfigSource
    2 configMap @ConfigMapNodeConfigSource *
    =NodeConfigStatus
    2 active @NodeConfigSource *
    1 assigned @NodeConfigSource *
    4 error s
    3 lastKnownGood @NodeConfigSource *
    =NodeDaemonEndpoints
    1 kubeletEndpoint @DaemonEndpoint D
    =NodeFeatures
    1 supplementalGroupsPolicy b *
    =NodeRuntimeHandler
    2 features @NodeRuntimeHandlerFeatures *
    1 name s !D
    =NodeRuntimeHandlerFeatures
    1 recursiveReadOnlyMounts b *
    2 userNamespaces b *
    =NodeSelector ~
    1 nodeSelectorTerms []@NodeSelectorTerm !r
    =NodeSelectorRequirement
    1 key s !rD
    2 operator s !rD E=DoesNotExist|Exists|Gt|In|Lt|NotIn
    3 values []s
    =NodeSelectorTerm ~
    1 matchExpressions []@NodeSelectorRequirement
    2 matchFields []@NodeSelectorRequirement
    =NodeSpec
    6 configSource @NodeConfigSource *
    2 externalID s
    1 podCIDR s
    7 podCIDRs []s SP
    3 providerID s
    5 taints []@Taint
    4 unschedulable b
    =NodeStatus
    5 addresses []@NodeAddress - M=type P=type
    2 allocatable {}q
    1 capacity {}q
    4 conditions []@NodeCondition - M=type P=type #Observations, each with a type and a status.
    11 config @NodeConfigStatus *
    6 daemonEndpoints @NodeDaemonEndpoints D
    14 declaredFeatures []s
    13 features @NodeFeatures *
    8 images []@ContainerImage
    7 nodeInfo @NodeSystemInfo D
    3 phase s - E=Pending|Running|Terminated
    12 runtimeHandlers []@NodeRuntimeHandler
    10 volumesAttached []@AttachedVolume
    9 volumesInUse []s
    =NodeSwapStatus
    1 capacity l *
    =NodeSystemInfo
    10 architecture s !rD
    3 bootID s !rD
    6 containerRuntimeVersion s !rD
    4 kernelVersion s !rD
    8 kubeProxyVersion s !rD
    7 kubeletVersion s !rD
    1 machineID s !rD
    9 operatingSystem s !rD
    5 osImage s !rD
    11 swap @NodeSwapStatus *
    2 systemUUID s !rD
    =ObjectFieldSelector ~
    1 apiVersion s
    2 fieldPath s !rD
    =ObjectReference ~
    5 apiVersion s
    7 fieldPath s
    1 kind s
    3 name s
    2 namespace s
    6 resourceVersion s
    4 uid s
    =PersistentVolume v1 #A piece of storage.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @PersistentVolumeSpec D #The desired state.
    3 status @PersistentVolumeStatus D #The observed state, written by controllers.
    =PersistentVolumeClaim v1 #A request for storage.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @PersistentVolumeClaimSpec D #The desired state.
    3 status @PersistentVolumeClaimStatus D #The observed state, written by controllers.
    =PersistentVolumeClaimCondition
    3 lastProbeTime t
    4 lastTransitionTime t
    6 message s
    5 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =PersistentVolumeClaimSpec
    1 accessModes []s - E=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
    7 dataSource @TypedLocalObjectReference *
    8 dataSourceRef @TypedObjectReference *
    2 resources @VolumeResourceRequirements D
    4 selector @LabelSelector * #Which objects this applies to.
    5 storageClassName s *
    9 volumeAttributesClassName s *
    6 volumeMode s * E=Block|Filesystem
    3 volumeName s
    =PersistentVolumeClaimStatus
    2 accessModes []s - E=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
    7 allocatedResourceStatuses {}s
    5 allocatedResources {}q
    3 capacity {}q
    4 conditions []@PersistentVolumeClaimCondition - M=type P=type #Observations, each with a type and a status.
    8 currentVolumeAttributesClassName s *
    9 modifyVolumeStatus @ModifyVolumeStatus *
    1 phase s - E=Bound|Lost|Pending
    =PersistentVolumeClaimTemplate
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @PersistentVolumeClaimSpec !rD #The desired state.
    =PersistentVolumeClaimVolumeSource
    1 claimName s !rD
    2 readOnly b
    =PersistentVolumeSpec
    3 accessModes []s - E=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
    2.2 awsElasticBlockStore @AWSElasticBlockStoreVolumeSource *
    2.16 azureDisk @AzureDiskVolumeSource *
    2.13 azureFile @AzureFilePersistentVolumeSource *
    1 capacity {}q
    2.9 cephfs @CephFSPersistentVolumeSource *
    2.8 cinder @CinderPersistentVolumeSource *
    4 claimRef @ObjectReference *
    2.22 csi @CSIPersistentVolumeSource *
    2.10 fc @FCVolumeSource *
    2.12 flexVolume @FlexPersistentVolumeSource *
    2.11 flocker @FlockerVolumeSource *
    2.1 gcePersistentDisk @GCEPersistentDiskVolumeSource *
    2.4 glusterfs @GlusterfsPersistentVolumeSource *
    2.3 hostPath @HostPathVolumeSource *
    2.7 iscsi @ISCSIPersistentVolumeSource *
    2.20 local @LocalVolumeSource *
    7 mountOptions []s
    2.5 nfs @NFSVolumeSource *
    9 nodeAffinity @VolumeNodeAffinity *
    5 persistentVolumeReclaimPolicy s - E=Delete|Recycle|Retain
    2.17 photonPersistentDisk @PhotonPersistentDiskVolumeSource *
    2.18 portworxVolume @PortworxVolumeSource *
    2.15 quobyte @QuobyteVolumeSource *
    2.6 rbd @RBDPersistentVolumeSource *
    2.19 scaleIO @ScaleIOPersistentVolumeSource *
    6 storageClassName s
    2.21 storageos @StorageOSPersistentVolumeSource *
    10 volumeAttributesClassName s *
    8 volumeMode s * E=Block|Filesystem
    2.14 vsphereVolume @VsphereVirtualDiskVolumeSource *
    =PersistentVolumeStatus
    4 lastPhaseTransitionTime t *
    2 message s
    1 phase s - E=Available|Bound|Failed|Pending|Released
    3 reason s
    =PhotonPersistentDiskVolumeSource
    2 fsType s
    1 pdID s !rD
    =Pod v1 #One or more containers that run together on a node.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @PodSpec D #The desired state.
    3 status @PodStatus D #The observed state, written by controllers.
    =PodAffinity
    2 preferredDuringSchedulingIgnoredDuringExecution []@WeightedPodAffinityTerm
    1 requiredDuringSchedulingIgnoredDuringExecution []@PodAffinityTerm
    =PodAffinityTerm
    1 labelSelector @LabelSelector *
    5 matchLabelKeys []s
    6 mismatchLabelKeys []s
    4 namespaceSelector @LabelSelector *
    2 namespaces []s
    3 topologyKey s !rD
    =PodAntiAffinity
    2 preferredDuringSchedulingIgnoredDuringExecution []@WeightedPodAffinityTerm
    1 requiredDuringSchedulingIgnoredDuringExecution []@PodAffinityTerm
    =PodCertificateProjection
    6 certificateChainPath s
    4 credentialBundlePath s
    5 keyPath s
    2 keyType s r
    3 maxExpirationSeconds i *
    1 signerName s r
    7 userAnnotations {}s
    =PodCondition
    3 lastProbeTime t
    4 lastTransitionTime t
    6 message s
    7 observedGeneration l #The generation that the status was made for.
    5 reason s
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =PodDNSConfig
    1 nameservers []s
    3 options []@PodDNSConfigOption
    2 searches []s
    =PodDNSConfigOption
    1 name s
    2 value s *
    =PodExtendedResourceClaimStatus
    1 requestMappings []@ContainerExtendedResourceRequest !r
    2 resourceClaimName s !rD
    =PodIP
    1 ip s !rD
    =PodOS
    1 name s !rD
    =PodReadinessGate
    1 conditionType s !rD
    =PodResourceClaim
    1 name s !rD
    3 resourceClaimName s *
    4 resourceClaimTemplateName s *
    =PodResourceClaimStatus
    1 name s !rD
    2 resourceClaimName s *
    =PodSchedulingGate
    1 name s !rD
    =PodSchedulingGroup
    1 podGroupName s *
    =PodSecurityContext
    11 appArmorProfile @AppArmorProfile *
    5 fsGroup l *
    9 fsGroupChangePolicy s * E=Always|OnRootMismatch
    6 runAsGroup l *
    3 runAsNonRoot b *
    2 runAsUser l *
    13 seLinuxChangePolicy s *
    1 seLinuxOptions @SELinuxOptions *
    10 seccompProfile @SeccompProfile *
    4 supplementalGroups []l
    12 supplementalGroupsPolicy s * E=Merge|Strict
    7 sysctls []@Sysctl
    8 windowsOptions @WindowsSecurityContextOptions *
    =PodSpec #What runs in a pod, and how.
    5 activeDeadlineSeconds l *
    18 affinity @Affinity * #Rules for choosing nodes.
    21 automountServiceAccountToken b *
    2 containers []@Container !r M=name P=name #The containers of the pod.
    26 dnsConfig @PodDNSConfig *
    6 dnsPolicy s - E=ClusterFirst|ClusterFirstWithHostNet|Default|None
    30 enableServiceLinks b *
    34 ephemeralContainers []@EphemeralContainer - M=name P=name
    23 hostAliases []@HostAlias - M=ip P=ip
    13 hostIPC b
    11 hostNetwork b
    12 hostPID b
    37 hostUsers b *
    16 hostname s
    41 hostnameOverride s *
    15 imagePullSecrets []@LocalObjectReference - M=name P=name #Secrets with the credentials for pulling images.
    20 initContainers []@Container - M=name P=name #Containers that must finish, in order, before the others start.
    10 nodeName s
    7 nodeSelector {}s ~ #Labels a node must have.
    36 os @PodOS *
    32 overhead {}q
    31 preemptionPolicy s * E=Never|PreemptLowerPriority
    25 priority i *
    24 priorityClassName s
    28 readinessGates []@PodReadinessGate
    39 resourceClaims []@PodResourceClaim R M=name P=name
    40 resources @ResourceRequirements *
    3 restartPolicy s - E=Always|Never|OnFailure #When containers are restarted.
    29 runtimeClassName s *
    19 schedulerName s
    38 schedulingGates []@PodSchedulingGate - M=name P=name
    43 schedulingGroup @PodSchedulingGroup *
    14 securityContext @PodSecurityContext * #Security settings of the whole pod.
    9 serviceAccount s
    8 serviceAccountName s #The identity the pod runs as.
    35 setHostnameAsFQDN b *
    27 shareProcessNamespace b *
    17 subdomain s
    4 terminationGracePeriodSeconds l * #Seconds between the polite and the forced stop.
    22 tolerations []@Toleration #Taints of nodes that the pod accepts.
    33 topologySpreadConstraints []@TopologySpreadConstraint - M=topologyKey,whenUnsatisfiable P=topologyKey #How pods spread over zones, nodes and the like.
    1 volumes []@Volume R M=name P=name #Volumes that containers can mount.
    =PodStatus
    19 allocatedResources {}q
    2 conditions []@PodCondition - M=type P=type #Observations, each with a type and a status.
    8 containerStatuses []@ContainerStatus
    13 ephemeralContainerStatuses []@ContainerStatus
    18 extendedResourceClaimStatus @PodExtendedResourceClaimStatus *
    5 hostIP s
    16 hostIPs []@HostIP - P=ip
    10 initContainerStatuses []@ContainerStatus
    3 message s
    21 nodeAllocatableResourceClaimStatuses []@NodeAllocatableResourceClaimStatus
    11 nominatedNodeName s
    17 observedGeneration l #The generation that the status was made for.
    1 phase s - E=Failed|Pending|Running|Succeeded|Unknown
    6 podIP s
    12 podIPs []@PodIP - M=ip P=ip
    9 qosClass s - E=BestEffort|Burstable|Guaranteed
    4 reason s
    14 resize s
    15 resourceClaimStatuses []@PodResourceClaimStatus R M=name P=name
    20 resources @ResourceRequirements *
    7 startTime t *
    =PodTemplate v1 #A template for pods that controllers may copy.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 template @PodTemplateSpec D #What pods are made from.
    =PodTemplateSpec #What pods are made from.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @PodSpec D #The desired state.
    =PortStatus
    3 error s *
    1 port i !rD
    2 protocol s !rD E=SCTP|TCP|UDP
    =PortworxVolumeSource
    2 fsType s
    3 readOnly b
    1 volumeID s !rD
    =PreferredSchedulingTerm
    2 preference @NodeSelectorTerm !rD
    1 weight i !rD
    =Probe #A check that is run against a container.
    1.1 exec @ExecAction *
    6 failureThreshold i #Failures in a row that count.
    1.4 grpc @GRPCAction *
    1.2 httpGet @HTTPGetAction *
    2 initialDelaySeconds i #Seconds after the start before the first check.
    4 periodSeconds i #Seconds between checks.
    5 successThreshold i #Successes in a row that count.
    1.3 tcpSocket @TCPSocketAction *
    7 terminationGracePeriodSeconds l *
    3 timeoutSeconds i #Seconds after which a check fails.
    =ProjectedVolumeSource
    2 defaultMode i *
    1 sources []@VolumeProjection !
    =QuobyteVolumeSource
    5 group s
    3 readOnly b
    1 registry s !rD
    6 tenant s
    4 user s
    2 volume s !rD
    =RBDPersistentVolumeSource
    3 fsType s
    2 image s !rD
    6 keyring s - D="/etc/ceph/keyring"
    1 monitors []s !r
    4 pool s - D="rbd"
    8 readOnly b
    7 secretRef @SecretReference *
    5 user s - D="admin"
    =RBDVolumeSource
    3 fsType s
    2 image s !rD
    6 keyring s - D="/etc/ceph/keyring"
    1 monitors []s !r
    4 pool s - D="rbd"
    8 readOnly b
    7 secretRef @LocalObjectReference *
    5 user s - D="admin"
    =ResourceClaim
    1 name s !rD
    2 request s
    =ResourceFieldSelector ~
    1 containerName s
    3 divisor q
    2 resource s !rD
    =ResourceHealth
    2 health s
    6 message s *
    1 resourceID s !rD
    =ResourceQuota v1
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @ResourceQuotaSpec D #The desired state.
    3 status @ResourceQuotaStatus D #The observed state, written by controllers.
    =ResourceQuotaSpec
    1 hard {}q
    3 scopeSelector @ScopeSelector *
    2 scopes []s - E=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
    =ResourceQuotaStatus
    1 hard {}q
    2 used {}q
    =ResourceRequirements #Compute resources that a container needs and may use.
    3 claims []@ResourceClaim - M=name
    1 limits {}q #The most that may be used.
    2 requests {}q #What is reserved.
    =ResourceStatus
    1 name s !rD
    2 resources []@ResourceHealth - M=resourceID
    =SELinuxOptions
    4 level s
    2 role s
    3 type s
    1 user s
    =ScaleIOPersistentVolumeSource
    9 fsType s - D="xfs"
    1 gateway s !rD
    5 protectionDomain s
    10 readOnly b
    3 secretRef @SecretReference *!r
    4 sslEnabled b
    7 storageMode s - D="ThinProvisioned"
    6 storagePool s
    2 system s !rD
    8 volumeName s
    =ScaleIOVolumeSource
    9 fsType s - D="xfs"
    1 gateway s !rD
    5 protectionDomain s
    10 readOnly b
    3 secretRef @LocalObjectReference *!r
    4 sslEnabled b
    7 storageMode s - D="ThinProvisioned"
    6 storagePool s
    2 system s !rD
    8 volumeName s
    =ScopeSelector ~
    1 matchExpressions []@ScopedResourceSelectorRequirement
    =ScopedResourceSelectorRequirement
    2 operator s !rD E=DoesNotExist|Exists|In|NotIn
    1 scopeName s !rD E=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
    3 values []s
    =SeccompProfile
    2 localhostProfile s *
    1 type s !rD E=Localhost|RuntimeDefault|Unconfined
    =Secret v1 #Confidential data as named bytes.
    2 data {}y #Bytes by key, in base64.
    5 immutable b * #Whether data can no longer change.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    4 stringData {}s #Texts by key, stored under data; never read back.
    3 type s #What the data is for.
    =SecretEnvSource
    1.1 name s D
    2 optional b *
    =SecretKeySelector ~
    2 key s !rD
    1.1 name s D
    3 optional b *
    =SecretProjection
    2 items []@KeyToPath
    1.1 name s D
    4 optional b *
    =SecretReference ~
    1 name s
    2 namespace s
    =SecretVolumeSource
    3 defaultMode i *
    2 items []@KeyToPath
    4 optional b *
    1 secretName s
    =SecurityContext
    7 allowPrivilegeEscalation b *
    12 appArmorProfile @AppArmorProfile *
    1 capabilities @Capabilities *
    2 privileged b *
    9 procMount s * E=Default|Unmasked
    6 readOnlyRootFilesystem b *
    8 runAsGroup l *
    5 runAsNonRoot b *
    4 runAsUser l *
    3 seLinuxOptions @SELinuxOptions *
    11 seccompProfile @SeccompProfile *
    10 windowsOptions @WindowsSecurityContextOptions *
    =Service v1 #A stable address in front of a changing set of pods.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @ServiceSpec D #The desired state.
    3 status @ServiceStatus D #The observed state, written by controllers.
    =ServiceAccount v1 #The identity of the processes in a pod.
    4 automountServiceAccountToken b *
    3 imagePullSecrets []@LocalObjectReference
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 secrets []@ObjectReference - M=name P=name
    =ServiceAccountTokenProjection
    1 audience s
    2 expirationSeconds l *
    3 path s !rD
    =ServicePort
    6 appProtocol s *
    1 name s
    5 nodePort i
    3 port i !rD #The port of the service.
    2 protocol s - D="TCP" E=SCTP|TCP|UDP
    4 targetPort o #Number or name of the port of the pods.
    =ServiceSpec
    20 allocateLoadBalancerNodePorts b *
    3 clusterIP s #The address inside the cluster, or None.
    18 clusterIPs []s
    5 externalIPs []s
    10 externalName s
    11 externalTrafficPolicy s - E=Cluster|Local
    12 healthCheckNodePort i
    22 internalTrafficPolicy s * E=Cluster|Local
    19 ipFamilies []s - E=|IPv4|IPv6
    17 ipFamilyPolicy s * E=PreferDualStack|RequireDualStack|SingleStack
    21 loadBalancerClass s *
    8 loadBalancerIP s
    9 loadBalancerSourceRanges []s
    1 ports []@ServicePort - M=port,protocol P=port #The ports the service offers.
    13 publishNotReadyAddresses b
    2 selector {}s ~ #Which objects this applies to.
    7 sessionAffinity s - E=ClientIP|None
    14 sessionAffinityConfig @SessionAffinityConfig *
    23 trafficDistribution s *
    4 type s - E=ClusterIP|ExternalName|LoadBalancer|NodePort #Where the service can be reached from.
    =ServiceStatus
    2 conditions []@Condition - M=type P=type #Observations, each with a type and a status.
    1 loadBalancer @LoadBalancerStatus D
    =SessionAffinityConfig
    1 clientIP @ClientIPConfig *
    =SleepAction
    1 seconds l !rD
    =StorageOSPersistentVolumeSource
    3 fsType s
    4 readOnly b
    5 secretRef @ObjectReference *
    1 volumeName s
    2 volumeNamespace s
    =StorageOSVolumeSource
    3 fsType s
    4 readOnly b
    5 secretRef @LocalObjectReference *
    1 volumeName s
    2 volumeNamespace s
    =Sysctl
    1 name s !rD
    2 value s !rD
    =TCPSocketAction
    2 host s
    1 port o !r
    =Taint
    3 effect s !rD E=NoExecute|NoSchedule|PreferNoSchedule
    1 key s !rD
    4 timeAdded t *
    2 value s
    =Toleration
    4 effect s - E=NoExecute|NoSchedule|PreferNoSchedule
    1 key s
    2 operator s - E=Equal|Exists|Gt|Lt
    5 tolerationSeconds l *
    3 value s
    =TopologySpreadConstraint
    4 labelSelector @LabelSelector *
    8 matchLabelKeys []s
    1 maxSkew i !rD
    5 minDomains i *
    6 nodeAffinityPolicy s * E=Honor|Ignore
    7 nodeTaintsPolicy s * E=Honor|Ignore
    2 topologyKey s !rD
    3 whenUnsatisfiable s !rD E=DoNotSchedule|ScheduleAnyway
    =TypedLocalObjectReference ~
    1 apiGroup s *!
    2 kind s !rD
    3 name s !rD
    =TypedObjectReference
    1 apiGroup s *!
    2 kind s !rD
    3 name s !rD
    4 namespace s *
    =Volume
    2.4 awsElasticBlockStore @AWSElasticBlockStoreVolumeSource *
    2.22 azureDisk @AzureDiskVolumeSource *
    2.18 azureFile @AzureFileVolumeSource *
    2.14 cephfs @CephFSVolumeSource *
    2.13 cinder @CinderVolumeSource *
    2.19 configMap @ConfigMapVolumeSource *
    2.28 csi @CSIVolumeSource *
    2.16 downwardAPI @DownwardAPIVolumeSource *
    2.2 emptyDir @EmptyDirVolumeSource *
    2.29 ephemeral @EphemeralVolumeSource *
    2.17 fc @FCVolumeSource *
    2.12 flexVolume @FlexVolumeSource *
    2.15 flocker @FlockerVolumeSource *
    2.3 gcePersistentDisk @GCEPersistentDiskVolumeSource *
    2.5 gitRepo @GitRepoVolumeSource *
    2.9 glusterfs @GlusterfsVolumeSource *
    2.1 hostPath @HostPathVolumeSource *
    2.30 image @ImageVolumeSource *
    2.8 iscsi @ISCSIVolumeSource *
    1 name s !rD
    2.7 nfs @NFSVolumeSource *
    2.10 persistentVolumeClaim @PersistentVolumeClaimVolumeSource *
    2.23 photonPersistentDisk @PhotonPersistentDiskVolumeSource *
    2.24 portworxVolume @PortworxVolumeSource *
    2.26 projected @ProjectedVolumeSource *
    2.21 quobyte @QuobyteVolumeSource *
    2.11 rbd @RBDVolumeSource *
    2.25 scaleIO @ScaleIOVolumeSource *
    2.6 secret @SecretVolumeSource *
    2.27 storageos @StorageOSVolumeSource *
    2.20 vsphereVolume @VsphereVirtualDiskVolumeSource *
    =VolumeDevice
    2 devicePath s !rD
    1 name s !rD
    =VolumeMount
    3 mountPath s !rD
    5 mountPropagation s * E=Bidirectional|HostToContainer|None
    1 name s !rD
    2 readOnly b
    7 recursiveReadOnly s *
    4 subPath s
    6 subPathExpr s
    =VolumeMountStatus
    2 mountPath s !rD
    1 name s !rD
    3 readOnly b
    4 recursiveReadOnly s *
    5 volumeStatus @VolumeStatus *
    =VolumeNodeAffinity
    1 required @NodeSelector *
    =VolumeProjection
    5 clusterTrustBundle @ClusterTrustBundleProjection *
    3 configMap @ConfigMapProjection *
    2 downwardAPI @DownwardAPIProjection *
    6 podCertificate @PodCertificateProjection *
    1 secret @SecretProjection *
    4 serviceAccountToken @ServiceAccountTokenProjection *
    =VolumeResourceRequirements
    1 limits {}q
    2 requests {}q
    =VolumeStatus
    1 image @ImageVolumeStatus *
    =VsphereVirtualDiskVolumeSource
    2 fsType s
    4 storagePolicyID s
    3 storagePolicyName s
    1 volumePath s !rD
    =WeightedPodAffinityTerm
    2 podAffinityTerm @PodAffinityTerm !rD
    1 weight i !rD
    =WindowsSecurityContextOptions
    2 gmsaCredentialSpec s *
    1 gmsaCredentialSpecName s *
    4 hostProcess b *
    3 runAsUserName s *
    """#
}
