extension BuiltInSchemaText {
  /// Metadata, events, access control and definitions. The notation is explained at `BuiltInSchemaText`.
  static let meta = #"""
    %io.k8s.api.authentication.v1
    =BoundObjectReference
    apiVersion s
    kind s
    name s
    uid s
    =SelfSubjectReview authentication.k8s.io/v1
    metadata @ObjectMeta #Name, labels and other data that every object has.
    status @SelfSubjectReviewStatus #The observed state, written by controllers.
    =SelfSubjectReviewStatus
    userInfo @UserInfo
    =TokenRequest authentication.k8s.io/v1
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @TokenRequestSpec !D #The desired state.
    status @TokenRequestStatus D #The observed state, written by controllers.
    =TokenRequestSpec
    audiences []s !
    boundObjectRef @BoundObjectReference *!
    expirationSeconds l *!
    =TokenRequestStatus
    expirationTimestamp t !
    token s !D
    =TokenReview authentication.k8s.io/v1
    metadata @ObjectMeta #Name, labels and other data that every object has.
    spec @TokenReviewSpec !r #The desired state.
    status @TokenReviewStatus #The observed state, written by controllers.
    =TokenReviewSpec
    token s
    audiences []s
    =TokenReviewStatus
    authenticated b
    user @UserInfo
    audiences []s
    error s
    =UserInfo
    username s
    uid s
    groups []s
    extra {}[]s
    %io.k8s.api.authorization.v1
    =FieldSelectorAttributes
    rawSelector s
    requirements []@FieldSelectorRequirement
    =LabelSelectorAttributes
    rawSelector s
    requirements []@LabelSelectorRequirement
    =LocalSubjectAccessReview authorization.k8s.io/v1
    metadata @ObjectMeta #Name, labels and other data that every object has.
    spec @SubjectAccessReviewSpec !r #The desired state.
    status @SubjectAccessReviewStatus #The observed state, written by controllers.
    =NonResourceAttributes
    path s
    verb s
    =NonResourceRule
    verbs []s !r
    nonResourceURLs []s
    =ResourceAttributes
    namespace s
    verb s
    group s
    version s
    resource s
    subresource s
    name s
    fieldSelector @FieldSelectorAttributes *
    labelSelector @LabelSelectorAttributes *
    =ResourceRule
    verbs []s !r
    apiGroups []s
    resources []s
    resourceNames []s
    =SelfSubjectAccessReview authorization.k8s.io/v1
    metadata @ObjectMeta #Name, labels and other data that every object has.
    spec @SelfSubjectAccessReviewSpec !r #The desired state.
    status @SubjectAccessReviewStatus #The observed state, written by controllers.
    =SelfSubjectAccessReviewSpec
    resourceAttributes @ResourceAttributes *
    nonResourceAttributes @NonResourceAttributes *
    =SelfSubjectRulesReview authorization.k8s.io/v1
    metadata @ObjectMeta #Name, labels and other data that every object has.
    spec @SelfSubjectRulesReviewSpec !r #The desired state.
    status @SubjectRulesReviewStatus #The observed state, written by controllers.
    =SelfSubjectRulesReviewSpec
    namespace s
    =SubjectAccessReview authorization.k8s.io/v1
    metadata @ObjectMeta #Name, labels and other data that every object has.
    spec @SubjectAccessReviewSpec !r #The desired state.
    status @SubjectAccessReviewStatus #The observed state, written by controllers.
    =SubjectAccessReviewSpec
    resourceAttributes @ResourceAttributes *
    nonResourceAttributes @NonResourceAttributes *
    user s
    groups []s
    extra {}[]s
    uid s
    =SubjectAccessReviewStatus
    allowed b !r
    denied b
    reason s
    evaluationError s
    =SubjectRulesReviewStatus
    resourceRules []@ResourceRule !r
    nonResourceRules []@NonResourceRule !r
    incomplete b !r
    evaluationError s
    %io.k8s.api.events.v1
    =events.Event events.k8s.io/v1 #A report of something that happened to an object.
    action s
    deprecatedCount i
    deprecatedFirstTimestamp t
    deprecatedLastTimestamp t
    deprecatedSource @EventSource D
    eventTime m !r
    metadata @ObjectMeta !D #Name, labels and other data that every object has.
    note s
    reason s
    regarding @ObjectReference D
    related @ObjectReference *
    reportingController s
    reportingInstance s
    series @events.EventSeries *
    type s
    =events.EventSeries
    count i !rD
    lastObservedTime m !r
    %io.k8s.api.rbac.v1
    =AggregationRule
    clusterRoleSelectors []@LabelSelector
    =ClusterRole rbac.authorization.k8s.io/v1 #Permissions that can be given in every namespace.
    aggregationRule @AggregationRule *
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    rules []@PolicyRule !
    =ClusterRoleBinding rbac.authorization.k8s.io/v1 #Gives the permissions of a cluster role to subjects everywhere.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    roleRef @RoleRef !rD
    subjects []@Subject
    =PolicyRule
    apiGroups []s #In which API groups.
    nonResourceURLs []s
    resourceNames []s #On which objects only; none means all.
    resources []s #On which resources.
    verbs []s !r #What is allowed.
    =Role rbac.authorization.k8s.io/v1 #Permissions within a namespace.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    rules []@PolicyRule !
    =RoleBinding rbac.authorization.k8s.io/v1 #Gives the permissions of a role to subjects within a namespace.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    roleRef @RoleRef !rD
    subjects []@Subject
    =RoleRef ~
    apiGroup s !D
    kind s !rD
    name s !rD
    =Subject ~
    apiGroup s
    kind s !rD
    name s !rD
    namespace s
    %io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
    =CustomResourceColumnDefinition
    description s
    format s
    jsonPath s !rD
    name s !rD
    priority i *
    type s !rD
    =CustomResourceConversion
    strategy s !rD E=None|Webhook #How old pods are replaced by new ones.
    webhook @WebhookConversion *
    =CustomResourceDefinition apiextensions.k8s.io/v1 #Adds a resource to the API.
    metadata @ObjectMeta D #Name, labels and other data that every object has.
    spec @CustomResourceDefinitionSpec !rD #The desired state.
    status @CustomResourceDefinitionStatus D #The observed state, written by controllers.
    =CustomResourceDefinitionCondition
    lastTransitionTime t
    message s
    observedGeneration l * #The generation that the status was made for.
    reason s *
    status s rD #The observed state, written by controllers.
    type s !rD
    =CustomResourceDefinitionNames
    categories []s
    kind s !rD
    listKind s
    plural s !rD
    shortNames []s
    singular s
    =CustomResourceDefinitionSpec
    conversion @CustomResourceConversion *
    group s !rD
    names @CustomResourceDefinitionNames !rD
    preserveUnknownFields b
    scope s !rD E=Cluster|Namespaced
    versions []@CustomResourceDefinitionVersion !r
    =CustomResourceDefinitionStatus
    acceptedNames @CustomResourceDefinitionNames !D
    conditions []@CustomResourceDefinitionCondition ! M=type #Observations, each with a type and a status.
    observedGeneration l * #The generation that the status was made for.
    storedVersions []s !
    =CustomResourceDefinitionVersion
    additionalPrinterColumns []@CustomResourceColumnDefinition
    deprecated b
    deprecationWarning s *
    name s !rD
    schema @CustomResourceValidation *
    selectableFields []@SelectableField
    served b !rD
    storage b !rD
    subresources @CustomResourceSubresources *
    =CustomResourceSubresourceScale
    labelSelectorPath s *
    specReplicasPath s !rD
    statusReplicasPath s !rD
    =CustomResourceSubresources
    scale @CustomResourceSubresourceScale *
    status x #The observed state, written by controllers.
    =CustomResourceValidation
    openAPIV3Schema @JSONSchemaProps *
    =ExternalDocumentation
    description s
    url s
    =JSONSchemaProps
    $ref s
    $schema s
    additionalItems j
    additionalProperties j
    allOf []@JSONSchemaProps
    anyOf []@JSONSchemaProps
    default j
    definitions {}@JSONSchemaProps
    dependencies {}j
    description s
    enum []j
    example j
    exclusiveMaximum b
    exclusiveMinimum b
    externalDocs @ExternalDocumentation *
    format s
    id s
    items j
    maxItems l *
    maxLength l *
    maxProperties l *
    maximum d *
    minItems l *
    minLength l *
    minProperties l *
    minimum d *
    multipleOf d *
    not @JSONSchemaProps *
    nullable b
    oneOf []@JSONSchemaProps
    pattern s
    patternProperties {}@JSONSchemaProps
    properties {}@JSONSchemaProps
    required []s
    title s
    type s
    uniqueItems b
    x-kubernetes-embedded-resource b
    x-kubernetes-int-or-string b
    x-kubernetes-list-map-keys []s
    x-kubernetes-list-type s *
    x-kubernetes-map-type s *
    x-kubernetes-preserve-unknown-fields b *
    x-kubernetes-validations []@ValidationRule - M=rule P=rule
    =SelectableField
    jsonPath s !rD
    =ServiceReference
    name s !rD
    namespace s !rD
    path s
    port i *
    =ValidationRule
    fieldPath s
    message s
    messageExpression s
    optionalOldSelf b *
    reason s *
    rule s !rD
    =WebhookClientConfig
    caBundle y
    service @ServiceReference *
    url s
    =WebhookConversion
    clientConfig @WebhookClientConfig *
    conversionReviewVersions []s !r
    %io.k8s.apimachinery.pkg.apis.meta.v1
    =Condition
    lastTransitionTime t !r
    message s !rD
    observedGeneration l #The generation that the status was made for.
    reason s !rD
    status s !rD #The observed state, written by controllers.
    type s !rD
    =FieldSelectorRequirement
    key s !r
    operator s !r
    values []s
    =LabelSelector ~ #Selects objects by their labels; all requirements must hold.
    matchExpressions []@LabelSelectorRequirement #Requirements on labels.
    matchLabels {}s #Labels and values that must be there.
    =LabelSelectorRequirement
    key s !rD
    operator s !rD E=DoesNotExist|Exists|In|NotIn
    values []s
    =ManagedFieldsEntry
    apiVersion s
    fieldsType s
    fieldsV1 x *
    manager s
    operation s
    subresource s
    time t *
    =ObjectMeta #What every stored object has.
    annotations {}s #Names and values for tools, not for selecting.
    creationTimestamp t z #When the server stored the object first.
    deletionGracePeriodSeconds l *
    deletionTimestamp t * #When deletion was asked for.
    finalizers []s SP #Who must agree before the object is deleted.
    generateName s #A prefix from which the server makes a name.
    generation l #Counts changes of the desired state.
    labels {}s #Names and values for selecting objects.
    managedFields []@ManagedFieldsEntry #Which manager owns which field.
    name s #Unique within the namespace and resource.
    namespace s #The scope of the name.
    ownerReferences []@OwnerReference - M=uid P=uid #The objects whose deletion deletes this one.
    resourceVersion s #Changes with every write, opaque.
    selfLink s
    uid s #Unique over time, set by the server.
    =OwnerReference ~
    apiVersion s !rD
    blockOwnerDeletion b *
    controller b *
    kind s !rD
    name s !rD
    uid s !rD
    """#
}
