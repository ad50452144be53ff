using System.Text.Json.Serialization;
using HealthShare.Chaincode.Ledger;

namespace HealthShare.Node.Webhooks;

/// <summary>A webhook to make.</summary>
/// <param name="Url">Where to: an https address.</param>
/// <param name="Topics">Of what: <c>notification</c>, <c>decision</c>, <c>revocation</c>, <c>incident</c>, <c>intake</c>.</param>
/// <param name="Description">What it is for, at most 200 characters.</param>
public sealed record NewWebhook(string Url, IReadOnlyList<string> Topics, string? Description = null);

/// <summary>A webhook.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where to.</param>
/// <param name="Topics">Of what.</param>
/// <param name="Description">What it is for.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="FailingSince">Since when nothing was taken; null while it works.</param>
/// <param name="DisabledAt">When it was switched off; null while it is not.</param>
/// <param name="DisabledCode">Why: <c>failing</c> for long, <c>gone</c> as it said itself, or <c>makerDisabled</c>: who made it was disabled, or may not read that any more.</param>
public sealed record Webhook(
    string Id, string Url, IReadOnlyList<string> Topics, string? Description, DateTimeOffset CreatedAt, string CreatedBy,
    DateTimeOffset? FailingSince, DateTimeOffset? DisabledAt, string? DisabledCode);

/// <summary>A webhook that was switched on.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="LostBefore">
/// It may have missed what happened before then: some of it is kept no longer. A delivery of type <c>reset</c> comes first. Null where it missed nothing.
/// </param>
public sealed record EnabledWebhook(Webhook Webhook, DateTimeOffset? LostBefore);

/// <summary>A webhook that was just made, or given another secret.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Secret">Its secret, <c>whsec_…</c>: shown this once, and kept wrapped.</param>
public sealed record MadeWebhook(Webhook Webhook, string Secret);

/// <summary>A page of webhooks, oldest first.</summary>
/// <param name="Items">The webhooks.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record WebhookPage(IReadOnlyList<Webhook> Items, string? Next);

/// <summary>Something sent, or to be sent.</summary>
/// <param name="Id">Its id, the header <c>webhook-id</c>: the same however often it is sent.</param>
/// <param name="Kind">What it tells, such as <c>notification.consentRevoked</c>.</param>
/// <param name="State"><c>waiting</c>, <c>delivered</c> or <c>failed</c>.</param>
/// <param name="CreatedAt">When it was made; what is replayed "since" goes by it.</param>
/// <param name="Attempts">How often it was tried since then, or since it was replayed.</param>
/// <param name="LastAttemptAt">When it was tried last.</param>
/// <param name="NextAttemptAt">When it is tried next; null where it is not.</param>
/// <param name="Outcome">
/// What the last try came to: an HTTP status, <c>timeout</c>, <c>unreachable</c> or <c>addressRefused</c>. Never what was answered.
/// </param>
public sealed record WebhookDelivery(
    string Id, string Kind, string State, DateTimeOffset CreatedAt, long Attempts, DateTimeOffset? LastAttemptAt, DateTimeOffset? NextAttemptAt,
    string? Outcome);

/// <summary>A page of deliveries, newest first.</summary>
/// <param name="Items">The deliveries.</param>
/// <param name="Next">Cursor of the next page; null on the last.</param>
public sealed record WebhookDeliveries(IReadOnlyList<WebhookDelivery> Items, string? Next);

/// <summary>What to send again.</summary>
/// <param name="Since">All that was to be sent since then and is kept.</param>
public sealed record WebhookReplay(DateTimeOffset Since);

/// <summary>What is sent again.</summary>
/// <param name="Deliveries">How many deliveries.</param>
public sealed record WebhookReplayed(long Deliveries);

/// <summary>What goes out: ids and kinds, never anyone's data.</summary>
/// <param name="Type">Topic and kind.</param>
/// <param name="Timestamp">When it happened.</param>
/// <param name="Data">Of what.</param>
internal sealed record WebhookBody(string Type, DateTimeOffset Timestamp, WebhookData Data)
{
    /// <summary>The type that says: something is kept no longer, read the lists anew.</summary>
    public const string Reset = "reset";
}

/// <summary>The ids.</summary>
internal sealed record WebhookData(string? PatientId, string? Subject, IReadOnlyList<string>? Members, string? Code);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, Converters = [typeof(LedgerTimeConverter)])]
[JsonSerializable(typeof(NewWebhook))]
[JsonSerializable(typeof(MadeWebhook))]
[JsonSerializable(typeof(EnabledWebhook))]
[JsonSerializable(typeof(WebhookPage))]
[JsonSerializable(typeof(WebhookDeliveries))]
[JsonSerializable(typeof(WebhookReplay))]
[JsonSerializable(typeof(WebhookReplayed))]
[JsonSerializable(typeof(WebhookBody))]
internal sealed partial class WebhookJson : JsonSerializerContext;
