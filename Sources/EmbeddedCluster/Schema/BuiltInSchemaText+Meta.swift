extension BuiltInSchemaText {
  /// Metadata, events, access control and definitions. The notation is explained at `BuiltInSchemaText`.
  static let meta = #"""
    %io.k8s.api.authentication.v1
    =BoundObjectReference
    2 apiVersion s
    1 kind s
    3 name s
    4 uid s
    =SelfSubjectReview authentication.k8s.io/v1
    1 metadata @ObjectMeta #Name, labels and other data that every object has.
    2 status @SelfSubjectReviewStatus #The observed state, written by controllers.
    =SelfSubjectReviewStatus
    1 userInfo @UserInfo
    =TokenRequest authentication.k8s.io/v1
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 spec @TokenRequestSpec !D #The desired state.
    3 status @TokenRequestStatus D #The observed state, written by controllers.
    =TokenRequestSpec
    1 audiences []s !
    3 boundObjectRef @BoundObjectReference *!
    4 expirationSeconds l *!
    =TokenRequestStatus
    2 expirationTimestamp t !
    1 token s !D
    =TokenReview authentication.k8s.io/v1
    1 metadata @ObjectMeta #Name, labels and other data that every object has.
    2 spec @TokenReviewSpec !r #The desired state.
    3 status @TokenReviewStatus #The observed state, written by controllers.
    =TokenReviewSpec
    1 token s
    2 audiences []s
    =TokenReviewStatus
    1 authenticated b
    2 user @UserInfo
    4 audiences []s
    3 error s
    =UserInfo
    1 username s
    2 uid s
    3 groups []s
    4 extra {}[]s
    %io.k8s.api.authorization.v1
    =FieldSelectorAttributes
    1 rawSelector s
    2 requirements []@FieldSelectorRequirement
    =LabelSelectorAttributes
    1 rawSelector s
    2 requirements []@LabelSelectorRequirement
    =LocalSubjectAccessReview authorization.k8s.io/v1
    1 metadata @ObjectMeta #Name, labels and other data that every object has.
    2 spec @SubjectAccessReviewSpec !r #The desired state.
    3 status @SubjectAccessReviewStatus #The observed state, written by controllers.
    =NonResourceAttributes
    1 path s
    2 verb s
    =NonResourceRule
    1 verbs []s !r
    2 nonResourceURLs []s
    =ResourceAttributes
    1 namespace s
    2 verb s
    3 group s
    4 version s
    5 resource s
    6 subresource s
    7 name s
    8 fieldSelector @FieldSelectorAttributes *
    9 labelSelector @LabelSelectorAttributes *
    =ResourceRule
    1 verbs []s !r
    2 apiGroups []s
    3 resources []s
    4 resourceNames []s
    =SelfSubjectAccessReview authorization.k8s.io/v1
    1 metadata @ObjectMeta #Name, labels and other data that every object has.
    2 spec @SelfSubjectAccessReviewSpec !r #The desired state.
    3 status @SubjectAccessReviewStatus #The observed state, written by controllers.
    =SelfSubjectAccessReviewSpec
    1 resourceAttributes @ResourceAttributes *
    2 nonResourceAttributes @NonResourceAttributes *
    =SelfSubjectRulesReview authorization.k8s.io/v1
    1 metadata @ObjectMeta #Name, labels and other data that every object has.
    2 spec @SelfSubjectRulesReviewSpec !r #The desired state.
    3 status @SubjectRulesReviewStatus #The observed state, written by controllers.
    =SelfSubjectRulesReviewSpec
    1 namespace s
    =SubjectAccessReview authorization.k8s.io/v1
    1 metadata @ObjectMeta #Name, labels and other data that every object has.
    2 spec @SubjectAccessReviewSpec !r #The desired state.
    3 status @SubjectAccessReviewStatus #The observed state, written by controllers.
    =SubjectAccessReviewSpec
    1 resourceAttributes @ResourceAttributes *
    2 nonResourceAttributes @NonResourceAttributes *
    3 user s
    4 groups []s
    5 extra {}[]s
    6 uid s
    =SubjectAccessReviewStatus
    1 allowed b !r
    4 denied b
    2 reason s
    3 evaluationError s
    =SubjectRulesReviewStatus
    1 resourceRules []@ResourceRule !r
    2 nonResourceRules []@NonResourceRule !r
    3 incomplete b !r
    4 evaluationError s
    %io.k8s.api.events.v1
    =events.Event events.k8s.io/v1 #A report of something that happened to an object.
    6 action s
    15 deprecatedCount i
    13 deprecatedFirstTimestamp t
    14 deprecatedLastTimestamp t
    12 deprecatedSource @EventSource D
    2 eventTime m !r
    1 metadata @ObjectMeta !D #Name, labels and other data that every object has.
    10 note s
    7 reason s
    8 regarding @ObjectReference D
    9 related @ObjectReference *
    4 reportingController s
    5 reportingInstance s
    3 series @events.EventSeries *
    11 type s
    =events.EventSeries
    1 count i !rD
    2 lastObservedTime m !r
    %io.k8s.api.rbac.v1
    =AggregationRule
    1 clusterRoleSelectors []@LabelSelector
    =ClusterRole rbac.authorization.k8s.io/v1 #Permissions that can be given in every namespace.
    3 aggregationRule @AggregationRule *
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 rules []@PolicyRule !
    =ClusterRoleBinding rbac.authorization.k8s.io/v1 #Gives the permissions of a cluster role to subjects everywhere.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    3 roleRef @RoleRef !rD
    2 subjects []@Subject
    =PolicyRule
    2 apiGroups []s #In which API groups.
    5 nonResourceURLs []s
    4 resourceNames []s #On which objects only; none means all.
    3 resources []s #On which resources.
    1 verbs []s !r #What is allowed.
    =Role rbac.authorization.k8s.io/v1 #Permissions within a namespace.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    2 rules []@PolicyRule !
    =RoleBinding rbac.authorization.k8s.io/v1 #Gives the permissions of a role to subjects within a namespace.
    1 metadata @ObjectMeta D #Name, labels and other data that every object has.
    3 roleRef @RoleRef !rD
    2 subjects []@Subject
    =RoleRef ~
    1 apiGroup s !D
    2 kind s !rD
    3 name s !rD
    =Subject ~
    2 apiGroup s
    1 kind s !rD
    3 name s !rD
    4 namespace s
    %io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1
    =CustomResourceColumnDefinition
    - description s
    - format s
    - jsonPath s !rD
    - name s !rD
    - priority i *
    - type s !rD
    =CustomResourceConversion
    - strategy s !rD E=None|Webhook #How old pods are replaced by new ones.
    - webhook @WebhookConversion *
    =CustomResourceDefinition apiextensions.k8s.io/v1 #Adds a resource to the API.
    - metadata @ObjectMeta D #Name, labels and other data that every object has.
    - spec @CustomResourceDefinitionSpec !rD #The desired state.
    - status @CustomResourceDefinitionStatus D #The observed state, written by controllers.
    =CustomResourceDefinitionCondition
    - lastTransitionTime t
    - message s
    - observedGeneration l * #The generation that the status was made for.
    - reason s *
    - status s rD #The observed state, written by controllers.
    - type s !rD
    =CustomResourceDefinitionNames
    - categories []s
    - kind s !rD
    - listKind s
    - plural s !rD
    - shortNames []s
    - singular s
    =CustomResourceDefinitionSpec
    - conversion @CustomResourceConversion *
    - group s !rD
    - names @CustomResourceDefinitionNames !rD
    - preserveUnknownFields b
    - scope s !rD E=Cluster|Namespaced
    - versions []@CustomResourceDefinitionVersion !r
    =CustomResourceDefinitionStatus
    - acceptedNames @CustomResourceDefinitionNames !D
    - conditions []@CustomResourceDefinitionCondition ! M=type #Observations, each with a type and a status.
    - observedGeneration l * #The generation that the status was made for.
    - storedVersions []s !
    =CustomResourceDefinitionVersion
    - additionalPrinterColumns []@CustomResourceColumnDefinition
    - deprecated b
    - deprecationWarning s *
    - name s !rD
    - schema @CustomResourceValidation *
    - selectableFields []@SelectableField
    - served b !rD
    - storage b !rD
    - subresources @CustomResourceSubresources *
    =CustomResourceSubresourceScale
    - labelSelectorPath s *
    - specReplicasPath s !rD
    - statusReplicasPath s !rD
    =CustomResourceSubresources
    - scale @CustomResourceSubresourceScale *
    - status x #The observed state, written by controllers.
    =CustomResourceValidation
    - openAPIV3Schema @JSONSchemaProps *
    =ExternalDocumentation
    - description s
    - url s
    =JSONSchemaProps
    - $ref s
    - $schema s
    - additionalItems j
    - additionalProperties j
    - allOf []@JSONSchemaProps
    - anyOf []@JSONSchemaProps
    - default j
    - definitions {}@JSONSchemaProps
    - dependencies {}j
    - description s
    - enum []j
    - example j
    - exclusiveMaximum b
    - exclusiveMinimum b
    - externalDocs @ExternalDocumentation *
    - format s
    - id s
    - items j
    - maxItems l *
    - maxLength l *
    - maxProperties l *
    - maximum d *
    - minItems l *
    - minLength l *
    - minProperties l *
    - minimum d *
    - multipleOf d *
    - not @JSONSchemaProps *
    - nullable b
    - oneOf []@JSONSchemaProps
    - pattern s
    - patternProperties {}@JSONSchemaProps
    - properties {}@JSONSchemaProps
    - required []s
    - title s
    - type s
    - uniqueItems b
    - x-kubernetes-embedded-resource b
    - x-kubernetes-int-or-string b
    - x-kubernetes-list-map-keys []s
    - x-kubernetes-list-type s *
    - x-kubernetes-map-type s *
    - x-kubernetes-preserve-unknown-fields b *
    - x-kubernetes-validations []@ValidationRule - M=rule P=rule
    =SelectableField
    - jsonPath s !rD
    =ServiceReference
    - name s !rD
    - namespace s !rD
    - path s
    - port i *
    =ValidationRule
    - fieldPath s
    - message s
    - messageExpression s
    - optionalOldSelf b *
    - reason s *
    - rule s !rD
    =WebhookClientConfig
    - caBundle y
    - service @ServiceReference *
    - url s
    =WebhookConversion
    - clientConfig @WebhookClientConfig *
    - conversionReviewVersions []s !r
    %io.k8s.apimachinery.pkg.apis.meta.v1
    =Condition
    4 lastTransitionTime t !r
    6 message s !rD
    3 observedGeneration l #The generation that the status was made for.
    5 reason s !rD
    2 status s !rD #The observed state, written by controllers.
    1 type s !rD
    =DeleteOptions
    - apiVersion s
    5 dryRun []s
    1 gracePeriodSeconds l *
    6 ignoreStoreReadErrorWithClusterBreakingPotential b *
    - kind s
    3 orphanDependents b *
    2 preconditions @Preconditions *
    4 propagationPolicy s *
    =FieldSelectorRequirement
    1 key s !r
    2 operator s !r
    3 values []s
    =LabelSelector ~ #Selects objects by their labels; all requirements must hold.
    2 matchExpressions []@LabelSelectorRequirement #Requirements on labels.
    1 matchLabels {}s #Labels and values that must be there.
    =LabelSelectorRequirement
    1 key s !rD
    2 operator s !rD E=DoesNotExist|Exists|In|NotIn
    3 values []s
    =ManagedFieldsEntry
    3 apiVersion s
    6 fieldsType s
    7 fieldsV1 x *
    1 manager s
    2 operation s
    8 subresource s
    4 time t *
    =ObjectMeta #What every stored object has.
    12 annotations {}s #Names and values for tools, not for selecting.
    8 creationTimestamp t z #When the server stored the object first.
    10 deletionGracePeriodSeconds l *
    9 deletionTimestamp t * #When deletion was asked for.
    14 finalizers []s SP #Who must agree before the object is deleted.
    2 generateName s #A prefix from which the server makes a name.
    7 generation l #Counts changes of the desired state.
    11 labels {}s #Names and values for selecting objects.
    17 managedFields []@ManagedFieldsEntry #Which manager owns which field.
    1 name s #Unique within the namespace and resource.
    3 namespace s #The scope of the name.
    13 ownerReferences []@OwnerReference - M=uid P=uid #The objects whose deletion deletes this one.
    6 resourceVersion s #Changes with every write, opaque.
    4 selfLink s
    5 uid s #Unique over time, set by the server.
    =OwnerReference ~
    5 apiVersion s !rD
    7 blockOwnerDeletion b *
    6 controller b *
    1 kind s !rD
    3 name s !rD
    4 uid s !rD
    =Preconditions
    2 resourceVersion s *
    1 uid s *
    """#
}
