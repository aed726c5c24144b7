extension BuiltInSchemaText {
  /// The core group. The notation is explained at `BuiltInSchemaText`.
  static let core = #"""
    %io.k8s.api.core.v1
    =AWSElasticBlockStoreVolumeSource
    fsType s
    partition i
    readOnly b
    volumeID s !rD
    =Affinity
    nodeAffinity @NodeAffinity *
    podAffinity @PodAffinity *
    podAntiAffinity @PodAntiAffinity *
    =AppArmorProfile
    localhostProfile s *
    type s !rD E=Localhost|RuntimeDefault|Unconfined
    =AttachedVolume
    devicePath s !rD
    name s !rD
    =AzureDiskVolumeSource
    cachingMode s * D="ReadWrite" E=None|ReadOnly|ReadWrite
    diskName s !rD
    diskURI s !rD
    fsType s * D="ext4"
    kind s * D="Shared" E=Dedicated|Managed|Shared
    readOnly b *D
    =AzureFilePersistentVolumeSource
    readOnly b
    secretName s !rD
    secretNamespace s *!
    shareName s !rD
    =AzureFileVolumeSource
    readOnly b
    secretName s !rD
    shareName s !rD
    =CSIPersistentVolumeSource
    controllerExpandSecretRef @SecretReference *
    controllerPublishSecretRef @SecretReference *
    driver s !rD
    fsType s
    nodeExpandSecretRef @SecretReference *
    nodePublishSecretRef @SecretReference *
    nodeStageSecretRef @SecretReference *
    readOnly b
    volumeAttributes {}s
    volumeHandle s !rD
    =CSIVolumeSource
    driver s !rD
    fsType s *
    nodePublishSecretRef @LocalObjectReference *
    readOnly b *
    volumeAttributes {}s
    =Capabilities
    add []s
    drop []s
    =CephFSPersistentVolumeSource
    monitors []s !r
    path s
    readOnly b
    secretFile s
    secretRef @SecretReference *
    user s
    =CephFSVolumeSource
    monitors []s !r
    path s
    readOnly b
    secretFile s
    secretRef @LocalObjectReference *
    user s
    =CinderPersistentVolumeSource
    fsType s
    readOnly b
    secretRef @SecretReference *
    volumeID s !rD
    =CinderVolumeSource
    fsType s
    readOnly b
    secretRef @LocalObjectReference *
    volumeID s !rD
    =ClientIPConfig
    timeoutSeconds i *
    =ClusterTrustBundleProjection
    labelSelector @LabelSelector *
    name s *
    optional b *
    path s !rD
    signerName s *
    =ConfigMap v1 #Configuration as named texts or bytes.
    binaryData {}y #Bytes by key, in base64.
    data {}s #Texts by key.
    immutable b * #Whether data can no longer change.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    =ConfigMapEnvSource
    name s D
    optional b *
    =ConfigMapKeySelector ~
    key s !rD
    name s D
    optional b *
    =ConfigMapNodeConfigSource
    kubeletConfigKey s !rD
    name s !rD
    namespace s !rD
    resourceVersion s
    uid s
    =ConfigMapProjection
    items []@KeyToPath
    name s D
    optional b *
    =ConfigMapVolumeSource
    defaultMode i *
    items []@KeyToPath
    name s D
    optional b *
    =Container #One container of a pod.
    args []s #Arguments of the entry point.
    command []s #Replaces the entry point of the image.
    env []@EnvVar - M=name P=name #Environment variables.
    envFrom []@EnvFromSource #Sources of more environment variables.
    image s #The image to run.
    imagePullPolicy s - E=Always|IfNotPresent|Never #When the image is pulled.
    lifecycle @Lifecycle * #What to run after the start and before the stop.
    livenessProbe @Probe * #Restarts the container when it fails.
    name s !rD #Unique within the pod.
    ports []@ContainerPort - M=containerPort,protocol P=containerPort #Ports that the container listens on.
    readinessProbe @Probe * #Takes the pod out of services while it fails.
    resizePolicy []@ContainerResizePolicy
    resources @ResourceRequirements D #Compute resources needed and allowed.
    restartPolicy s * E=Always|Never|OnFailure
    restartPolicyRules []@ContainerRestartRule
    securityContext @SecurityContext * #Security settings of the container.
    startupProbe @Probe * #Holds the other probes back until it succeeds.
    stdin b
    stdinOnce b
    terminationMessagePath s
    terminationMessagePolicy s - E=FallbackToLogsOnError|File
    tty b
    volumeDevices []@VolumeDevice - M=devicePath P=devicePath
    volumeMounts []@VolumeMount - M=mountPath P=mountPath #Where volumes appear in the file system.
    workingDir s
    =ContainerExtendedResourceRequest
    containerName s !rD
    requestName s !rD
    resourceName s !rD
    =ContainerImage
    names []s !
    sizeBytes l
    =ContainerPort
    containerPort i !rD
    hostIP s
    hostPort i
    name s
    protocol s - D="TCP" E=SCTP|TCP|UDP
    =ContainerResizePolicy
    resourceName s !rD
    restartPolicy s !rD
    =ContainerRestartRule
    action s r
    exitCodes @ContainerRestartRuleOnExitCodes *
    =ContainerRestartRuleOnExitCodes
    operator s r
    values []i S
    =ContainerState
    running @ContainerStateRunning *
    terminated @ContainerStateTerminated *
    waiting @ContainerStateWaiting *
    =ContainerStateRunning
    startedAt t
    =ContainerStateTerminated
    containerID s
    exitCode i !rD
    finishedAt t
    message s
    reason s
    signal i
    startedAt t
    =ContainerStateWaiting
    message s
    reason s
    =ContainerStatus
    allocatedResources {}q
    allocatedResourcesStatus []@ResourceStatus - M=name P=name
    containerID s
    image s !rD
    imageID s !rD
    lastState @ContainerState D
    name s !rD
    ready b !rD
    resources @ResourceRequirements *
    restartCount i !rD
    started b *
    state @ContainerState D
    stopSignal s * E=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
    user @ContainerUser *
    volumeMounts []@VolumeMountStatus - M=mountPath P=mountPath
    =ContainerUser
    linux @LinuxContainerUser *
    =DaemonEndpoint
    Port i !rD
    =DownwardAPIProjection
    items []@DownwardAPIVolumeFile
    =DownwardAPIVolumeFile
    fieldRef @ObjectFieldSelector *
    mode i *
    path s !rD
    resourceFieldRef @ResourceFieldSelector *
    =DownwardAPIVolumeSource
    defaultMode i *
    items []@DownwardAPIVolumeFile
    =EmptyDirVolumeSource
    medium s
    sizeLimit q *
    =EndpointAddress ~
    hostname s
    ip s !rD
    nodeName s *
    targetRef @ObjectReference *
    =EndpointPort ~
    appProtocol s *
    name s
    port i !rD
    protocol s - E=SCTP|TCP|UDP
    =EndpointSubset
    addresses []@EndpointAddress
    notReadyAddresses []@EndpointAddress
    ports []@EndpointPort
    =Endpoints v1 #The addresses behind a service.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    subsets []@EndpointSubset
    =EnvFromSource
    configMapRef @ConfigMapEnvSource *
    prefix s
    secretRef @SecretEnvSource *
    =EnvVar
    name s !rD
    value s
    valueFrom @EnvVarSource *
    =EnvVarSource
    configMapKeyRef @ConfigMapKeySelector *
    fieldRef @ObjectFieldSelector *
    fileKeyRef @FileKeySelector *
    resourceFieldRef @ResourceFieldSelector *
    secretKeyRef @SecretKeySelector *
    =EphemeralContainer
    args []s
    command []s
    env []@EnvVar - M=name P=name
    envFrom []@EnvFromSource
    image s
    imagePullPolicy s - E=Always|IfNotPresent|Never
    lifecycle @Lifecycle *
    livenessProbe @Probe *
    name s !rD
    ports []@ContainerPort - M=containerPort,protocol P=containerPort
    readinessProbe @Probe *
    resizePolicy []@ContainerResizePolicy
    resources @ResourceRequirements D
    restartPolicy s * E=Always|Never|OnFailure
    restartPolicyRules []@ContainerRestartRule
    securityContext @SecurityContext *
    startupProbe @Probe *
    stdin b
    stdinOnce b
    targetContainerName s
    terminationMessagePath s
    terminationMessagePolicy s - E=FallbackToLogsOnError|File
    tty b
    volumeDevices []@VolumeDevice - M=devicePath P=devicePath
    volumeMounts []@VolumeMount - M=mountPath P=mountPath
    workingDir s
    =EphemeralVolumeSource
    volumeClaimTemplate @PersistentVolumeClaimTemplate *
    =Event v1 #A report of something that happened to an object.
    action s
    count i
    eventTime m
    firstTimestamp t
    involvedObject @ObjectReference !rD
    lastTimestamp t
    message s
    metadata @ObjectMeta !rD #Name, labels and other data that every object has.
    reason s
    related @ObjectReference *
    reportingComponent s !D
    reportingInstance s !D
    series @EventSeries *
    source @EventSource D
    type s
    =EventSeries
    count i
    lastObservedTime m
    =EventSource
    component s
    host s
    =ExecAction
    command []s
    =FCVolumeSource
    fsType s
    lun i *
    readOnly b
    targetWWNs []s
    wwids []s
    =FileKeySelector ~
    key s !rD
    optional b *D
    path s !rD
    volumeName s !rD
    =FlexPersistentVolumeSource
    driver s !rD
    fsType s
    options {}s
    readOnly b
    secretRef @SecretReference *
    =FlexVolumeSource
    driver s !rD
    fsType s
    options {}s
    readOnly b
    secretRef @LocalObjectReference *
    =FlockerVolumeSource
    datasetName s
    datasetUUID s
    =GCEPersistentDiskVolumeSource
    fsType s
    partition i
    pdName s !rD
    readOnly b
    =GRPCAction
    port i !rD
    service s *!D
    =GitRepoVolumeSource
    directory s
    repository s !rD
    revision s
    =GlusterfsPersistentVolumeSource
    endpoints s !rD
    endpointsNamespace s *
    path s !rD
    readOnly b
    =GlusterfsVolumeSource
    endpoints s !rD
    path s !rD
    readOnly b
    =HTTPGetAction
    host s
    httpHeaders []@HTTPHeader
    path s
    port o !r
    scheme s - E=HTTP|HTTPS
    =HTTPHeader
    name s !rD
    value s !rD
    =HostAlias
    hostnames []s
    ip s !rD
    =HostIP
    ip s !rD
    =HostPathVolumeSource
    path s !rD
    type s * E=|BlockDevice|CharDevice|Directory|DirectoryOrCreate|File|FileOrCreate|Socket
    =ISCSIPersistentVolumeSource
    chapAuthDiscovery b
    chapAuthSession b
    fsType s
    initiatorName s *
    iqn s !rD
    iscsiInterface s - D="default"
    lun i !rD
    portals []s
    readOnly b
    secretRef @SecretReference *
    targetPortal s !rD
    =ISCSIVolumeSource
    chapAuthDiscovery b
    chapAuthSession b
    fsType s
    initiatorName s *
    iqn s !rD
    iscsiInterface s - D="default"
    lun i !rD
    portals []s
    readOnly b
    secretRef @LocalObjectReference *
    targetPortal s !rD
    =ImageVolumeSource
    pullPolicy s - E=Always|IfNotPresent|Never
    reference s
    =ImageVolumeStatus
    imageRef s r
    =KeyToPath
    key s !rD
    mode i *
    path s !rD
    =Lifecycle
    postStart @LifecycleHandler *
    preStop @LifecycleHandler *
    stopSignal s * E=SIGABRT|SIGALRM|SIGBUS|SIGCHLD|SIGCLD|SIGCONT|SIGFPE|SIGHUP|SIGILL|SIGINT|SIGIO|SIGIOT|SIGKILL|SIGPIPE|SIGPOLL|SIGPROF|SIGPWR|SIGQUIT|SIGRTMAX|SIGRTMAX-1|SIGRTMAX-10|SIGRTMAX-11|SIGRTMAX-12|SIGRTMAX-13|SIGRTMAX-14|SIGRTMAX-2|SIGRTMAX-3|SIGRTMAX-4|SIGRTMAX-5|SIGRTMAX-6|SIGRTMAX-7|SIGRTMAX-8|SIGRTMAX-9|SIGRTMIN|SIGRTMIN+1|SIGRTMIN+10|SIGRTMIN+11|SIGRTMIN+12|SIGRTMIN+13|SIGRTMIN+14|SIGRTMIN+15|SIGRTMIN+2|SIGRTMIN+3|SIGRTMIN+4|SIGRTMIN+5|SIGRTMIN+6|SIGRTMIN+7|SIGRTMIN+8|SIGRTMIN+9|SIGSEGV|SIGSTKFLT|SIGSTOP|SIGSYS|SIGTERM|SIGTRAP|SIGTSTP|SIGTTIN|SIGTTOU|SIGURG|SIGUSR1|SIGUSR2|SIGVTALRM|SIGWINCH|SIGXCPU|SIGXFSZ
    =LifecycleHandler
    exec @ExecAction *
    httpGet @HTTPGetAction *
    sleep @SleepAction *
    tcpSocket @TCPSocketAction *
    =LimitRange v1
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @LimitRangeSpec D #The desired state.
    =LimitRangeItem
    default {}q
    defaultRequest {}q
    max {}q
    maxLimitRequestRatio {}q
    min {}q
    type s !rD
    =LimitRangeSpec
    limits []@LimitRangeItem !r
    =LinuxContainerUser
    gid l !rD
    supplementalGroups []l
    uid l !rD
    =LoadBalancerIngress
    hostname s
    ip s
    ipMode s *
    ports []@PortStatus
    =LoadBalancerStatus
    ingress []@LoadBalancerIngress
    =LocalObjectReference ~
    name s D
    =LocalVolumeSource
    fsType s *
    path s !rD
    =ModifyVolumeStatus
    status s !rD E=InProgress|Infeasible|Pending #The observed state, written by controllers.
    targetVolumeAttributesClassName s
    =NFSVolumeSource
    path s !rD
    readOnly b
    server s !rD
    =Namespace v1 #A scope for names.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @NamespaceSpec D #The desired state.
    status @NamespaceStatus D #The observed state, written by controllers.
    =NamespaceCondition
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =NamespaceSpec
    finalizers []s
    =NamespaceStatus
    conditions []@NamespaceCondition - M=type P=type #Observations, each with a type and a status.
    phase s - E=Active|Terminating
    =Node v1 #A machine of the cluster.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @NodeSpec D #The desired state.
    status @NodeStatus D #The observed state, written by controllers.
    =NodeAddress
    address s !rD
    type s !rD
    =NodeAffinity
    preferredDuringSchedulingIgnoredDuringExecution []@PreferredSchedulingTerm
    requiredDuringSchedulingIgnoredDuringExecution @NodeSelector *
    =NodeAllocatableResourceClaimStatus
    containers []s S
    resourceClaimName s !rD
    resources {}q *r
    =NodeCondition
    lastHeartbeatTime t
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =NodeConfigSource
    configMap @ConfigMapNodeConfigSource *
    =NodeConfigStatus
    active @NodeConfigSource *
    assigned @NodeConfigSource *
    error s
    lastKnownGood @NodeConfigSource *
    =NodeDaemonEndpoints
    kubeletEndpoint @DaemonEndpoint D
    =NodeFeatures
    supplementalGroupsPolicy b *
    =NodeRuntimeHandler
    features @NodeRuntimeHandlerFeatures *
    name s !D
    =NodeRuntimeHandlerFeatures
    recursiveReadOnlyMounts b *
    userNamespaces b *
    =NodeSelector ~
    nodeSelectorTerms []@NodeSelectorTerm !r
    =NodeSelectorRequirement
    key s !rD
    operator s !rD E=DoesNotExist|Exists|Gt|In|Lt|NotIn
    values []s
    =NodeSelectorTerm ~
    matchExpressions []@NodeSelectorRequirement
    matchFields []@NodeSelectorRequirement
    =NodeSpec
    configSource @NodeConfigSource *
    externalID s
    podCIDR s
    podCIDRs []s SP
    providerID s
    taints []@Taint
    unschedulable b
    =NodeStatus
    addresses []@NodeAddress - M=type P=type
    allocatable {}q
    capacity {}q
    conditions []@NodeCondition - M=type P=type #Observations, each with a type and a status.
    config @NodeConfigStatus *
    daemonEndpoints @NodeDaemonEndpoints D
    declaredFeatures []s
    features @NodeFeatures *
    images []@ContainerImage
    nodeInfo @NodeSystemInfo D
    phase s - E=Pending|Running|Terminated
    runtimeHandlers []@NodeRuntimeHandler
    volumesAttached []@AttachedVolume
    volumesInUse []s
    =NodeSwapStatus
    capacity l *
    =NodeSystemInfo
    architecture s !rD
    bootID s !rD
    containerRuntimeVersion s !rD
    kernelVersion s !rD
    kubeProxyVersion s !rD
    kubeletVersion s !rD
    machineID s !rD
    operatingSystem s !rD
    osImage s !rD
    swap @NodeSwapStatus *
    systemUUID s !rD
    =ObjectFieldSelector ~
    apiVersion s
    fieldPath s !rD
    =ObjectReference ~
    apiVersion s
    fieldPath s
    kind s
    name s
    namespace s
    resourceVersion s
    uid s
    =PersistentVolume v1 #A piece of storage.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @PersistentVolumeSpec D #The desired state.
    status @PersistentVolumeStatus D #The observed state, written by controllers.
    =PersistentVolumeClaim v1 #A request for storage.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @PersistentVolumeClaimSpec D #The desired state.
    status @PersistentVolumeClaimStatus D #The observed state, written by controllers.
    =PersistentVolumeClaimCondition
    lastProbeTime t
    lastTransitionTime t
    message s
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =PersistentVolumeClaimSpec
    accessModes []s - E=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
    dataSource @TypedLocalObjectReference *
    dataSourceRef @TypedObjectReference *
    resources @VolumeResourceRequirements D
    selector @LabelSelector * #Which objects this applies to.
    storageClassName s *
    volumeAttributesClassName s *
    volumeMode s * E=Block|Filesystem
    volumeName s
    =PersistentVolumeClaimStatus
    accessModes []s - E=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
    allocatedResourceStatuses {}s
    allocatedResources {}q
    capacity {}q
    conditions []@PersistentVolumeClaimCondition - M=type P=type #Observations, each with a type and a status.
    currentVolumeAttributesClassName s *
    modifyVolumeStatus @ModifyVolumeStatus *
    phase s - E=Bound|Lost|Pending
    =PersistentVolumeClaimTemplate
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @PersistentVolumeClaimSpec !rD #The desired state.
    =PersistentVolumeClaimVolumeSource
    claimName s !rD
    readOnly b
    =PersistentVolumeSpec
    accessModes []s - E=ReadOnlyMany|ReadWriteMany|ReadWriteOnce|ReadWriteOncePod
    awsElasticBlockStore @AWSElasticBlockStoreVolumeSource *
    azureDisk @AzureDiskVolumeSource *
    azureFile @AzureFilePersistentVolumeSource *
    capacity {}q
    cephfs @CephFSPersistentVolumeSource *
    cinder @CinderPersistentVolumeSource *
    claimRef @ObjectReference *
    csi @CSIPersistentVolumeSource *
    fc @FCVolumeSource *
    flexVolume @FlexPersistentVolumeSource *
    flocker @FlockerVolumeSource *
    gcePersistentDisk @GCEPersistentDiskVolumeSource *
    glusterfs @GlusterfsPersistentVolumeSource *
    hostPath @HostPathVolumeSource *
    iscsi @ISCSIPersistentVolumeSource *
    local @LocalVolumeSource *
    mountOptions []s
    nfs @NFSVolumeSource *
    nodeAffinity @VolumeNodeAffinity *
    persistentVolumeReclaimPolicy s - E=Delete|Recycle|Retain
    photonPersistentDisk @PhotonPersistentDiskVolumeSource *
    portworxVolume @PortworxVolumeSource *
    quobyte @QuobyteVolumeSource *
    rbd @RBDPersistentVolumeSource *
    scaleIO @ScaleIOPersistentVolumeSource *
    storageClassName s
    storageos @StorageOSPersistentVolumeSource *
    volumeAttributesClassName s *
    volumeMode s * E=Block|Filesystem
    vsphereVolume @VsphereVirtualDiskVolumeSource *
    =PersistentVolumeStatus
    lastPhaseTransitionTime t *
    message s
    phase s - E=Available|Bound|Failed|Pending|Released
    reason s
    =PhotonPersistentDiskVolumeSource
    fsType s
    pdID s !rD
    =Pod v1 #One or more containers that run together on a node.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @PodSpec D #The desired state.
    status @PodStatus D #The observed state, written by controllers.
    =PodAffinity
    preferredDuringSchedulingIgnoredDuringExecution []@WeightedPodAffinityTerm
    requiredDuringSchedulingIgnoredDuringExecution []@PodAffinityTerm
    =PodAffinityTerm
    labelSelector @LabelSelector *
    matchLabelKeys []s
    mismatchLabelKeys []s
    namespaceSelector @LabelSelector *
    namespaces []s
    topologyKey s !rD
    =PodAntiAffinity
    preferredDuringSchedulingIgnoredDuringExecution []@WeightedPodAffinityTerm
    requiredDuringSchedulingIgnoredDuringExecution []@PodAffinityTerm
    =PodCertificateProjection
    certificateChainPath s
    credentialBundlePath s
    keyPath s
    keyType s r
    maxExpirationSeconds i *
    signerName s r
    userAnnotations {}s
    =PodCondition
    lastProbeTime t
    lastTransitionTime t
    message s
    observedGeneration l #The generation that the status was made for.
    reason s
    status s !rD #The observed state, written by controllers.
    type s !rD
    =PodDNSConfig
    nameservers []s
    options []@PodDNSConfigOption
    searches []s
    =PodDNSConfigOption
    name s
    value s *
    =PodExtendedResourceClaimStatus
    requestMappings []@ContainerExtendedResourceRequest !r
    resourceClaimName s !rD
    =PodIP
    ip s !rD
    =PodOS
    name s !rD
    =PodReadinessGate
    conditionType s !rD
    =PodResourceClaim
    name s !rD
    resourceClaimName s *
    resourceClaimTemplateName s *
    =PodResourceClaimStatus
    name s !rD
    resourceClaimName s *
    =PodSchedulingGate
    name s !rD
    =PodSchedulingGroup
    podGroupName s *
    =PodSecurityContext
    appArmorProfile @AppArmorProfile *
    fsGroup l *
    fsGroupChangePolicy s * E=Always|OnRootMismatch
    runAsGroup l *
    runAsNonRoot b *
    runAsUser l *
    seLinuxChangePolicy s *
    seLinuxOptions @SELinuxOptions *
    seccompProfile @SeccompProfile *
    supplementalGroups []l
    supplementalGroupsPolicy s * E=Merge|Strict
    sysctls []@Sysctl
    windowsOptions @WindowsSecurityContextOptions *
    =PodSpec #What runs in a pod, and how.
    activeDeadlineSeconds l *
    affinity @Affinity * #Rules for choosing nodes.
    automountServiceAccountToken b *
    containers []@Container !r M=name P=name #The containers of the pod.
    dnsConfig @PodDNSConfig *
    dnsPolicy s - E=ClusterFirst|ClusterFirstWithHostNet|Default|None
    enableServiceLinks b *
    ephemeralContainers []@EphemeralContainer - M=name P=name
    hostAliases []@HostAlias - M=ip P=ip
    hostIPC b
    hostNetwork b
    hostPID b
    hostUsers b *
    hostname s
    hostnameOverride s *
    imagePullSecrets []@LocalObjectReference - M=name P=name #Secrets with the credentials for pulling images.
    initContainers []@Container - M=name P=name #Containers that must finish, in order, before the others start.
    nodeName s
    nodeSelector {}s ~ #Labels a node must have.
    os @PodOS *
    overhead {}q
    preemptionPolicy s * E=Never|PreemptLowerPriority
    priority i *
    priorityClassName s
    readinessGates []@PodReadinessGate
    resourceClaims []@PodResourceClaim R M=name P=name
    resources @ResourceRequirements *
    restartPolicy s - E=Always|Never|OnFailure #When containers are restarted.
    runtimeClassName s *
    schedulerName s
    schedulingGates []@PodSchedulingGate - M=name P=name
    schedulingGroup @PodSchedulingGroup *
    securityContext @PodSecurityContext * #Security settings of the whole pod.
    serviceAccount s
    serviceAccountName s #The identity the pod runs as.
    setHostnameAsFQDN b *
    shareProcessNamespace b *
    subdomain s
    terminationGracePeriodSeconds l * #Seconds between the polite and the forced stop.
    tolerations []@Toleration #Taints of nodes that the pod accepts.
    topologySpreadConstraints []@TopologySpreadConstraint - M=topologyKey,whenUnsatisfiable P=topologyKey #How pods spread over zones, nodes and the like.
    volumes []@Volume R M=name P=name #Volumes that containers can mount.
    =PodStatus
    allocatedResources {}q
    conditions []@PodCondition - M=type P=type #Observations, each with a type and a status.
    containerStatuses []@ContainerStatus
    ephemeralContainerStatuses []@ContainerStatus
    extendedResourceClaimStatus @PodExtendedResourceClaimStatus *
    hostIP s
    hostIPs []@HostIP - P=ip
    initContainerStatuses []@ContainerStatus
    message s
    nodeAllocatableResourceClaimStatuses []@NodeAllocatableResourceClaimStatus
    nominatedNodeName s
    observedGeneration l #The generation that the status was made for.
    phase s - E=Failed|Pending|Running|Succeeded|Unknown
    podIP s
    podIPs []@PodIP - M=ip P=ip
    qosClass s - E=BestEffort|Burstable|Guaranteed
    reason s
    resize s
    resourceClaimStatuses []@PodResourceClaimStatus R M=name P=name
    resources @ResourceRequirements *
    startTime t *
    =PodTemplateSpec #What pods are made from.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @PodSpec D #The desired state.
    =PortStatus
    error s *
    port i !rD
    protocol s !rD E=SCTP|TCP|UDP
    =PortworxVolumeSource
    fsType s
    readOnly b
    volumeID s !rD
    =PreferredSchedulingTerm
    preference @NodeSelectorTerm !rD
    weight i !rD
    =Probe #A check that is run against a container.
    exec @ExecAction *
    failureThreshold i #Failures in a row that count.
    grpc @GRPCAction *
    httpGet @HTTPGetAction *
    initialDelaySeconds i #Seconds after the start before the first check.
    periodSeconds i #Seconds between checks.
    successThreshold i #Successes in a row that count.
    tcpSocket @TCPSocketAction *
    terminationGracePeriodSeconds l *
    timeoutSeconds i #Seconds after which a check fails.
    =ProjectedVolumeSource
    defaultMode i *
    sources []@VolumeProjection !
    =QuobyteVolumeSource
    group s
    readOnly b
    registry s !rD
    tenant s
    user s
    volume s !rD
    =RBDPersistentVolumeSource
    fsType s
    image s !rD
    keyring s - D="/etc/ceph/keyring"
    monitors []s !r
    pool s - D="rbd"
    readOnly b
    secretRef @SecretReference *
    user s - D="admin"
    =RBDVolumeSource
    fsType s
    image s !rD
    keyring s - D="/etc/ceph/keyring"
    monitors []s !r
    pool s - D="rbd"
    readOnly b
    secretRef @LocalObjectReference *
    user s - D="admin"
    =ResourceClaim
    name s !rD
    request s
    =ResourceFieldSelector ~
    containerName s
    divisor q
    resource s !rD
    =ResourceHealth
    health s
    message s *
    resourceID s !rD
    =ResourceQuota v1
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @ResourceQuotaSpec D #The desired state.
    status @ResourceQuotaStatus D #The observed state, written by controllers.
    =ResourceQuotaSpec
    hard {}q
    scopeSelector @ScopeSelector *
    scopes []s - E=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
    =ResourceQuotaStatus
    hard {}q
    used {}q
    =ResourceRequirements #Compute resources that a container needs and may use.
    claims []@ResourceClaim - M=name
    limits {}q #The most that may be used.
    requests {}q #What is reserved.
    =ResourceStatus
    name s !rD
    resources []@ResourceHealth - M=resourceID
    =SELinuxOptions
    level s
    role s
    type s
    user s
    =ScaleIOPersistentVolumeSource
    fsType s - D="xfs"
    gateway s !rD
    protectionDomain s
    readOnly b
    secretRef @SecretReference *!r
    sslEnabled b
    storageMode s - D="ThinProvisioned"
    storagePool s
    system s !rD
    volumeName s
    =ScaleIOVolumeSource
    fsType s - D="xfs"
    gateway s !rD
    protectionDomain s
    readOnly b
    secretRef @LocalObjectReference *!r
    sslEnabled b
    storageMode s - D="ThinProvisioned"
    storagePool s
    system s !rD
    volumeName s
    =ScopeSelector ~
    matchExpressions []@ScopedResourceSelectorRequirement
    =ScopedResourceSelectorRequirement
    operator s !rD E=DoesNotExist|Exists|In|NotIn
    scopeName s !rD E=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
    values []s
    =SeccompProfile
    localhostProfile s *
    type s !rD E=Localhost|RuntimeDefault|Unconfined
    =Secret v1 #Confidential data as named bytes.
    data {}y #Bytes by key, in base64.
    immutable b * #Whether data can no longer change.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    stringData {}s #Texts by key, stored under data; never read back.
    type s #What the data is for.
    =SecretEnvSource
    name s D
    optional b *
    =SecretKeySelector ~
    key s !rD
    name s D
    optional b *
    =SecretProjection
    items []@KeyToPath
    name s D
    optional b *
    =SecretReference ~
    name s
    namespace s
    =SecretVolumeSource
    defaultMode i *
    items []@KeyToPath
    optional b *
    secretName s
    =SecurityContext
    allowPrivilegeEscalation b *
    appArmorProfile @AppArmorProfile *
    capabilities @Capabilities *
    privileged b *
    procMount s * E=Default|Unmasked
    readOnlyRootFilesystem b *
    runAsGroup l *
    runAsNonRoot b *
    runAsUser l *
    seLinuxOptions @SELinuxOptions *
    seccompProfile @SeccompProfile *
    windowsOptions @WindowsSecurityContextOptions *
    =Service v1 #A stable address in front of a changing set of pods.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @ServiceSpec D #The desired state.
    status @ServiceStatus D #The observed state, written by controllers.
    =ServiceAccount v1 #The identity of the processes in a pod.
    automountServiceAccountToken b *
    imagePullSecrets []@LocalObjectReference
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    secrets []@ObjectReference - M=name P=name
    =ServiceAccountTokenProjection
    audience s
    expirationSeconds l *
    path s !rD
    =ServicePort
    appProtocol s *
    name s
    nodePort i
    port i !rD #The port of the service.
    protocol s - D="TCP" E=SCTP|TCP|UDP
    targetPort o #Number or name of the port of the pods.
    =ServiceSpec
    allocateLoadBalancerNodePorts b *
    clusterIP s #The address inside the cluster, or None.
    clusterIPs []s
    externalIPs []s
    externalName s
    externalTrafficPolicy s - E=Cluster|Local
    healthCheckNodePort i
    internalTrafficPolicy s * E=Cluster|Local
    ipFamilies []s - E=|IPv4|IPv6
    ipFamilyPolicy s * E=PreferDualStack|RequireDualStack|SingleStack
    loadBalancerClass s *
    loadBalancerIP s
    loadBalancerSourceRanges []s
    ports []@ServicePort - M=port,protocol P=port #The ports the service offers.
    publishNotReadyAddresses b
    selector {}s ~ #Which objects this applies to.
    sessionAffinity s - E=ClientIP|None
    sessionAffinityConfig @SessionAffinityConfig *
    trafficDistribution s *
    type s - E=ClusterIP|ExternalName|LoadBalancer|NodePort #Where the service can be reached from.
    =ServiceStatus
    conditions []@Condition - M=type P=type #Observations, each with a type and a status.
    loadBalancer @LoadBalancerStatus D
    =SessionAffinityConfig
    clientIP @ClientIPConfig *
    =SleepAction
    seconds l !rD
    =StorageOSPersistentVolumeSource
    fsType s
    readOnly b
    secretRef @ObjectReference *
    volumeName s
    volumeNamespace s
    =StorageOSVolumeSource
    fsType s
    readOnly b
    secretRef @LocalObjectReference *
    volumeName s
    volumeNamespace s
    =Sysctl
    name s !rD
    value s !rD
    =TCPSocketAction
    host s
    port o !r
    =Taint
    effect s !rD E=NoExecute|NoSchedule|PreferNoSchedule
    key s !rD
    timeAdded t *
    value s
    =Toleration
    effect s - E=NoExecute|NoSchedule|PreferNoSchedule
    key s
    operator s - E=Equal|Exists|Gt|Lt
    tolerationSeconds l *
    value s
    =TopologySpreadConstraint
    labelSelector @LabelSelector *
    matchLabelKeys []s
    maxSkew i !rD
    minDomains i *
    nodeAffinityPolicy s * E=Honor|Ignore
    nodeTaintsPolicy s * E=Honor|Ignore
    topologyKey s !rD
    whenUnsatisfiable s !rD E=DoNotSchedule|ScheduleAnyway
    =TypedLocalObjectReference ~
    apiGroup s *!
    kind s !rD
    name s !rD
    =TypedObjectReference
    apiGroup s *!
    kind s !rD
    name s !rD
    namespace s *
    =Volume
    awsElasticBlockStore @AWSElasticBlockStoreVolumeSource *
    azureDisk @AzureDiskVolumeSource *
    azureFile @AzureFileVolumeSource *
    cephfs @CephFSVolumeSource *
    cinder @CinderVolumeSource *
    configMap @ConfigMapVolumeSource *
    csi @CSIVolumeSource *
    downwardAPI @DownwardAPIVolumeSource *
    emptyDir @EmptyDirVolumeSource *
    ephemeral @EphemeralVolumeSource *
    fc @FCVolumeSource *
    flexVolume @FlexVolumeSource *
    flocker @FlockerVolumeSource *
    gcePersistentDisk @GCEPersistentDiskVolumeSource *
    gitRepo @GitRepoVolumeSource *
    glusterfs @GlusterfsVolumeSource *
    hostPath @HostPathVolumeSource *
    image @ImageVolumeSource *
    iscsi @ISCSIVolumeSource *
    name s !rD
    nfs @NFSVolumeSource *
    persistentVolumeClaim @PersistentVolumeClaimVolumeSource *
    photonPersistentDisk @PhotonPersistentDiskVolumeSource *
    portworxVolume @PortworxVolumeSource *
    projected @ProjectedVolumeSource *
    quobyte @QuobyteVolumeSource *
    rbd @RBDVolumeSource *
    scaleIO @ScaleIOVolumeSource *
    secret @SecretVolumeSource *
    storageos @StorageOSVolumeSource *
    vsphereVolume @VsphereVirtualDiskVolumeSource *
    =VolumeDevice
    devicePath s !rD
    name s !rD
    =VolumeMount
    mountPath s !rD
    mountPropagation s * E=Bidirectional|HostToContainer|None
    name s !rD
    readOnly b
    recursiveReadOnly s *
    subPath s
    subPathExpr s
    =VolumeMountStatus
    mountPath s !rD
    name s !rD
    readOnly b
    recursiveReadOnly s *
    volumeStatus @VolumeStatus *
    =VolumeNodeAffinity
    required @NodeSelector *
    =VolumeProjection
    clusterTrustBundle @ClusterTrustBundleProjection *
    configMap @ConfigMapProjection *
    downwardAPI @DownwardAPIProjection *
    podCertificate @PodCertificateProjection *
    secret @SecretProjection *
    serviceAccountToken @ServiceAccountTokenProjection *
    =VolumeResourceRequirements
    limits {}q
    requests {}q
    =VolumeStatus
    image @ImageVolumeStatus *
    =VsphereVirtualDiskVolumeSource
    fsType s
    storagePolicyID s
    storagePolicyName s
    volumePath s !rD
    =WeightedPodAffinityTerm
    podAffinityTerm @PodAffinityTerm !rD
    weight i !rD
    =WindowsSecurityContextOptions
    gmsaCredentialSpec s *
    gmsaCredentialSpecName s *
    hostProcess b *
    runAsUserName s *
    """#
}
