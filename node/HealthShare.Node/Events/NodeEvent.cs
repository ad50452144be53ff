using System.Text.Json.Serialization;

namespace HealthShare.Node.Events;

/// <summary>What an event is about; who may hear of it depends on it.</summary>
internal enum EventTopic
{
    /// <summary>Something that a patient should know of, as the list of notifications has it.</summary>
    Notification,

    /// <summary>A request for a patient's records was decided, or something disclosed by it.</summary>
    Decision,

    /// <summary>How far what a patient took back has come.</summary>
    Revocation,

    /// <summary>A request of one's own was decided.</summary>
    AccessRequest,

    /// <summary>The node noted an incident.</summary>
    Incident,

    /// <summary>A message went into quarantine or came out of it.</summary>
    Intake,
}

/// <summary>Something that happened. Ids and codes only: never a name, a number of a patient or a content.</summary>
/// <param name="Topic">What it is about.</param>
/// <param name="Kind">What happened, such as <c>consentRevoked</c>.</param>
/// <param name="At">When.</param>
internal sealed record NodeEvent(EventTopic Topic, string Kind, DateTimeOffset At)
{
    /// <summary>Number of the event; 0 until it is kept.</summary>
    public long Sequence { get; init; }

    /// <summary>The patient whom it touches; null for none.</summary>
    public string? PatientId { get; init; }

    /// <summary>The member of staff whom it is for; null for none.</summary>
    public string? StaffId { get; init; }

    /// <summary>Id of what it is about.</summary>
    public string? Subject { get; init; }

    /// <summary>MSP ids of members that did it or have it.</summary>
    public IReadOnlyList<string> Members { get; init; } = [];

    /// <summary>A stable code that says more; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>Until when it stands; null where it does not end.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Tells it from others, so that it is kept once however often a block says it again; null where the writer sees to that.</summary>
    public string? Name { get; init; }

    /// <summary>As streams and webhooks write it.</summary>
    public EventView ToView() => new(Kind, At, PatientId, Subject, Members.Count == 0 ? null : Members, Code, Until);
}

/// <summary>An event as callers see it.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="At">When.</param>
/// <param name="PatientId">The patient whom it touches.</param>
/// <param name="Subject">Id of what it is about: a statement, a credential, an access, a message.</param>
/// <param name="Members">MSP ids of the members that did it, or have it.</param>
/// <param name="Code">A stable code that says more.</param>
/// <param name="Until">Until when it stands.</param>
/// <param name="Count">Of the intake, in a stream: how many messages are in quarantine now.</param>
public sealed record EventView(
    string Kind, DateTimeOffset At, string? PatientId, string? Subject, IReadOnlyList<string>? Members, string? Code, DateTimeOffset? Until,
    long? Count = null);

/// <summary>The first item of a stream, and the one after events that are kept no longer.</summary>
/// <param name="Topics">What the caller hears of, <c>accessLog</c> included for whose own log is followed; work in progress and heartbeats aside.</param>
/// <param name="HeartbeatSeconds">Nothing for longer than twice as long means that the stream is dead.</param>
public sealed record StreamOpened(IReadOnlyList<string> Topics, double HeartbeatSeconds);

/// <summary>The last item of a stream that the node ends.</summary>
/// <param name="Reason"><c>session</c> where who called may no longer, <c>stopping</c> where the node stops.</param>
public sealed record StreamEnded(string Reason);

/// <summary>How far long work is.</summary>
/// <param name="Job">Which work, such as <c>contentCheck</c>.</param>
/// <param name="Done">How much is done.</param>
/// <param name="Total">Of how much; null where that is not known.</param>
/// <param name="State"><c>running</c>, <c>done</c> or <c>failed</c>.</param>
public sealed record JobProgress(string Job, long Done, long? Total, string State);

/// <summary>Nothing happened.</summary>
/// <param name="At">The node's clock.</param>
public sealed record Heartbeat(DateTimeOffset At);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(StreamOpened))]
[JsonSerializable(typeof(StreamEnded))]
[JsonSerializable(typeof(JobProgress))]
[JsonSerializable(typeof(Heartbeat))]
internal sealed partial class EventJson : JsonSerializerContext;
