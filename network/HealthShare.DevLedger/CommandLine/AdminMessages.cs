using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>Where a running ledger takes commands, and the word that only readers of its state folder know.</summary>
internal sealed record AdminDoor(string Address, string Token);

/// <summary>An organization that is to join.</summary>
internal sealed record JoinRequest(string Org, int Port, bool Endorses, IReadOnlyDictionary<string, string> Policies);

/// <summary>A user to issue.</summary>
internal sealed record UserRequest(string Org, string Name, IReadOnlyDictionary<string, string> Attributes);

/// <summary>How a ledger is doing.</summary>
internal sealed record StatusReport(
    string Channel, string Connection, ulong Height, ImmutableArray<GatewayReport> Gateways, string? Failure)
{
    /// <summary>The user whom the request had issued; absent where it was another request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IssuedUser? Issued { get; init; }
}

/// <summary>A user, and the files with certificate and key in PEM.</summary>
internal sealed record IssuedUser(string MspId, string Name, string Cert, string Key);

/// <summary>Why a command was not carried out.</summary>
internal sealed record AdminRefusal(string Error);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(AdminDoor))]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(UserRequest))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(AdminRefusal))]
internal sealed partial class AdminJson : JsonSerializerContext;
