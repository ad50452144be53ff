using System.Text.Json.Serialization;
using HealthShare.Node.Access.Log;
using HealthShare.Node.Access.Requests;

namespace HealthShare.Node.Access;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(NewAccessRequest))]
[JsonSerializable(typeof(AccessRequestView))]
[JsonSerializable(typeof(OwnRequestPage))]
[JsonSerializable(typeof(RecordProvenance))]
[JsonSerializable(typeof(RecordPartList))]
[JsonSerializable(typeof(AccessLogPage))]
internal sealed partial class AccessJson : JsonSerializerContext;
