using System.Text.Json.Serialization;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Desk;

/// <summary>How far a message has come.</summary>
/// <param name="Id">Id of the message here.</param>
/// <param name="State">received, parsed, stored, registered, quarantined or discarded.</param>
/// <param name="Door">Which door it came through: mllp, http or folder.</param>
/// <param name="ReceivedAt">When it was written to the journal.</param>
/// <param name="UpdatedAt">When it reached its state.</param>
/// <param name="Size">Length in bytes.</param>
/// <param name="Type">Message type, such as <c>ORU^R01</c>; null where the message states none of that form.</param>
/// <param name="Facility">Token of the sending facility; null where the message names none.</param>
/// <param name="PatientId">The patient on the channel; null until known.</param>
/// <param name="RecordId">The record on the channel; null in quarantine.</param>
/// <param name="ControlIdReused">True when its facility used the same control id for other content.</param>
/// <param name="Repetitions">How often the same message came again.</param>
/// <param name="ReasonCode">Why it is in quarantine or waits; null where neither.</param>
/// <param name="Reason">The same in words, with the place in the message.</param>
/// <param name="Attempts">How often its present step failed.</param>
/// <param name="Steps">What was done with it, oldest first; null in lists.</param>
public sealed record MessageStatus(
    string Id, string State, string Door, DateTimeOffset ReceivedAt, DateTimeOffset UpdatedAt, long Size, string? Type, string? Facility, string? PatientId,
    string? RecordId, bool ControlIdReused, long Repetitions, string? ReasonCode, string? Reason, int Attempts, IReadOnlyList<MessageStep>? Steps)
{
    internal static MessageStatus Of(IntakeMessage message, IReadOnlyList<MessageStep>? steps) => new(
        message.Id, message.State, message.Source, Time(message.ReceivedAt), Time(message.UpdatedAt), message.Size, message.Type, message.Facility,
        message.PatientId, message.State == StateName.Of(IntakeState.Quarantined) ? null : message.RecordId, message.ControlIdReused != 0, message.Repetitions, message.ReasonCode, message.Reason,
        (int)message.Attempts, steps);

    internal static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

/// <summary>Something that was done with a message.</summary>
/// <param name="At">When.</param>
/// <param name="Step">What: a state's name, <c>replayed</c> or <c>contentRead</c>.</param>
/// <param name="Actor">Who: a caller's name, a door's, or <c>node</c>.</param>
/// <param name="Detail">A code or a reason; null for none.</param>
public sealed record MessageStep(DateTimeOffset At, string Step, string Actor, string? Detail);

/// <summary>Messages, newest first.</summary>
/// <param name="Messages">Those of this page.</param>
/// <param name="Next">Cursor of the next page; null on the last one.</param>
public sealed record MessagePage(IReadOnlyList<MessageStatus> Messages, string? Next);

/// <summary>Why staff take a message out of quarantine for good.</summary>
/// <param name="Reason">3 to 500 characters; it is kept with the message, so it names no patient.</param>
public sealed record DiscardOrder(string Reason)
{
    private const int Shortest = 3, Longest = 500;

    internal static string Rule { get; } = $"has {Shortest} to {Longest} characters, and no control characters";

    internal bool IsGood => Reason.Trim() is { Length: >= Shortest and <= Longest } reason && !reason.Any(char.IsControl);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(MessageStatus))]
[JsonSerializable(typeof(MessagePage))]
[JsonSerializable(typeof(DiscardOrder))]
internal sealed partial class DeskJson : JsonSerializerContext
{
    public static void AddTo(Microsoft.AspNetCore.Http.Json.JsonOptions options) => options.SerializerOptions.TypeInfoResolverChain.Insert(0, Default);
}
