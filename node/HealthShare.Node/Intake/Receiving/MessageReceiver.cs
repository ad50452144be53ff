using System.Security.Cryptography;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Journal;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>What a sender is told, after what was said is durable.</summary>
/// <param name="Outcome">Accepted, or refused and in quarantine.</param>
/// <param name="Entry">The journal's entry.</param>
/// <param name="Error">What is wrong and where; null when accepted.</param>
/// <param name="Message">The message, or only its header; null when not even that could be read.</param>
internal sealed record Receipt(Outcome Outcome, Appended Entry, Er7Error? Error, Er7Message? Message);

/// <summary>The one way in, whatever the door: checks a message, writes it to the journal, and only then answers.</summary>
internal sealed partial class MessageReceiver(
    IntakeJournal journal, IntakeTable table, IntakeKeys keys, IntakeMetrics metrics, IOptions<IntakeOptions> options, ILogger<MessageReceiver> logger)
{
    /// <summary>Takes a message in. The bytes are kept exactly as they came.</summary>
    /// <param name="bytes">The message without its framing.</param>
    /// <param name="door">The door, for the journal and metrics: <c>mllp</c>, <c>http</c> or <c>folder</c>.</param>
    /// <param name="caller">Who brought it, for the history; null where the door knows no callers.</param>
    /// <param name="ct">Stops the wait.</param>
    /// <exception cref="IntakeBusyException">There is no room for it now: the sender must send again.</exception>
    /// <exception cref="System.Data.Common.DbException">It could not be made durable: the sender must send again.</exception>
    public async Task<Receipt> ReceiveAsync(ReadOnlyMemory<byte> bytes, string door, string? caller, CancellationToken ct)
    {
        var read = (await LookAsync([bytes], ct))[0];
        var entries = await journal.AppendAsync(bytes.Length, () => [EntryOf(read, door, caller)], ct);
        return Answer(read, entries[0], door);
    }

    /// <summary>Takes several messages in with one commit, in their order.</summary>
    /// <returns>A receipt for each.</returns>
    /// <inheritdoc cref="ReceiveAsync(ReadOnlyMemory{byte}, string, string?, CancellationToken)" path="/param|/exception"/>
    public async Task<IReadOnlyList<Receipt>> ReceiveAsync(
        IReadOnlyList<ReadOnlyMemory<byte>> messages, string door, string? caller, CancellationToken ct)
    {
        var read = await LookAsync(messages, ct);
        var entries = await journal.AppendAsync(messages.Sum(message => (long)message.Length), () => [.. read.Select(one => EntryOf(one, door, caller))], ct);
        return [.. read.Zip(entries, (one, entry) => Answer(one, entry, door))];
    }

    // The last part of a message may look whole; what tells is the part that named it, in the journal or among those that come with it.
    private async Task<List<Looked>> LookAsync(IReadOnlyList<ReadOnlyMemory<byte>> messages, CancellationToken ct)
    {
        var read = await KnownAsync([.. messages.Select(Look)], ct);
        var open = read.Where(one => one.Continues is not null).ToList();
        if (open.Count == 0)
            return read;
        var here = read.Where(one => one.ContinuedIn is not null).Select(one => Convert.ToHexString(one.ContinuedIn!)).ToHashSet(StringComparer.Ordinal);
        var kept = await table.AreContinuedAsync([.. open.Select(MaybeRestOf)], ct);
        var rests = open.Where((one, i) => options.Value.ContinuationPointersAlone || kept[i] || here.Contains(Convert.ToHexString(one.Continues!))).ToHashSet(ReferenceEqualityComparer.Instance);
        return [.. read.Select(one => rests.Contains(one) ? one with { Outcome = Outcome.Rejected, Error = IntakeRules.RestOfAnother(one.Message!) } : one)];
    }

    // Earlier versions took what frames a message for a part of it. One that they journaled with it is the same message when it comes with it again.
    private async Task<List<Looked>> KnownAsync(List<Looked> read, CancellationToken ct)
    {
        for (var i = 0; i < read.Count; i++)
        {
            var framed = read[i] with { Content = read[i].Bytes[..read[i].Bytes.Span.TrimEnd("\r\n"u8).Length] };
            if (framed.Content.Length == read[i].Content.Length)
                continue;
            var identity = IdentityOf(framed);
            if (await table.IsKnownAsync(identity.MessageKey, identity.ContentKey, ct))
                read[i] = framed;
        }
        return read;
    }

    private Looked Look(ReadOnlyMemory<byte> bytes)
    {
        var limits = new Er7Limits(options.Value.MaxMessageBytes, Er7Limits.Default.MaxSegments);
        if (!Er7Message.TryParse(bytes, limits, out var message, out var error))
            return Unreadable(bytes, error!, limits.MaxBytes);
        if (IntakeRules.Form(message!, options.Value.ProcessingIds) is { } form)
            return new Looked(bytes, message, Outcome.Rejected, form, ContinuedIn: MessageKeys.ContinuedIn(keys, message!));
        return IntakeRules.Content(message!) is { } content
            ? new Looked(bytes, message, Outcome.Error, content)
            : new Looked(bytes, message, Outcome.Accepted, null, Continues: MessageKeys.Continues(keys, message!));
    }

    // What never fits is no use to send again; the rest of what cannot be read may have been harmed on its way.
    private static Looked Unreadable(ReadOnlyMemory<byte> bytes, Er7Error error, int mostBytes) => error.Fault switch
    {
        Er7Fault.TooLarge => new Looked(bytes, null, Outcome.Error, error with { Reason = TooLong.Say("The message", mostBytes) }),
        Er7Fault.TooManySegments => new Looked(bytes, null, Outcome.Error, error),
        Er7Fault.HeaderMissing when IsBatch(bytes) => new Looked(bytes, null, Outcome.Rejected, error with
        {
            Reason = "This is a batch (FHS, BHS), and one message is taken here. Bring it as a file in the watched folder, by POST /api/v1/messages/batch or by 'healthshare hl7 import'.",
        }),
        _ => new Looked(bytes, null, Outcome.Rejected, error),
    };

    private static bool IsBatch(ReadOnlyMemory<byte> bytes) => Er7File.WithoutFraming(bytes).Span is var text && (text.StartsWith("FHS"u8) || text.StartsWith("BHS"u8));

    private MaybeRest MaybeRestOf(Looked one)
    {
        var identity = IdentityOf(one);
        return new MaybeRest(one.Continues!, identity.MessageKey, identity.ContentKey);
    }

    private Receipt Answer(Looked looked, Appended entry, string door)
    {
        // What was taken once is answered as it was then, whatever the rules say today.
        var one = entry is { Duplicate: true, State: not (IntakeState.Quarantined or IntakeState.Discarded) } ? looked with { Outcome = Outcome.Accepted, Error = null } : looked;
        metrics.Received(door, one.Outcome, entry.Duplicate);
        if (entry.ControlIdReused && !entry.Duplicate)
            LogControlIdReused(entry.Id);
        if (one.Error is { } error)
            LogQuarantined(entry.Id, error.Fault, error.Position);
        return new Receipt(one.Outcome, entry, one.Error, one.Message ?? Er7Message.ParseHeader(one.Bytes));
    }

    private NewEntry EntryOf(Looked one, string door, string? caller)
    {
        var (bytes, message, error) = (one.Bytes, one.Message, one.Error);
        var id = "im-" + Guid.CreateVersion7().ToString("n");
        var (header, facility, messageKey, contentKey) = IdentityOf(one);
        return new NewEntry(
            id, error is null ? IntakeState.Received : IntakeState.Quarantined, door, caller ?? door, messageKey, contentKey,
            facility is { Length: > 0 } ? MessageKeys.FacilityToken(keys, facility) : null, MessageKeys.TypeOf(header), bytes.Length,
            keys.Payloads.Protect(bytes.Span, id, "payload"), error is null ? keys.RecordId(messageKey, contentKey) : null,
            error is null ? MessageKeys.PatientHint(keys, IntakeRules.Identifiers(message!)[0]) : null,
            error is null ? null : "message." + JsonName(error.Fault), error?.ToString(), one.ContinuedIn);
    }

    private (Er7Message? Header, string? Facility, byte[] MessageKey, byte[] ContentKey) IdentityOf(Looked one)
    {
        // Doors cut messages out of what they stand in, with or without what frames them there: that makes no other content.
        var contentKey = keys.Hash("content", SHA256.HashData(one.Content.Span));
        // What cannot be read to its end is known by its header, so that it is the same message once it can be. What has no readable control id is told apart
        // by its content alone.
        var header = one.Message ?? Er7Message.ParseHeader(one.Bytes);
        var facility = header is null ? null : AssigningAuthority.ReadField(header.Header.Field(4)).Key;
        var messageKey = facility is null || header!.Header.Field(10).IsEmpty
            ? keys.Hash("unreadable", contentKey)
            : MessageKeys.Of(keys, facility, header.Header.Field(10).Text);
        return (header, facility, messageKey, contentKey);
    }

    /// <summary>A fault as part of a stable code: <c>HeaderMissing</c> is <c>header_missing</c>.</summary>
    internal static string JsonName(Er7Fault fault) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString());

    // What the next part calls this one, and what this one calls the part before it, if it is one.
    private sealed record Looked(
        ReadOnlyMemory<byte> Bytes, Er7Message? Message, Outcome Outcome, Er7Error? Error, byte[]? ContinuedIn = null, byte[]? Continues = null)
    {
        // What the message is told apart by.
        public ReadOnlyMemory<byte> Content { get; init; } = Er7File.WithoutFraming(Bytes);
    }

    [LoggerMessage(4101, LogLevel.Warning, "Message {Id} is in quarantine: {Fault} at {Position}.")]
    private partial void LogQuarantined(string id, Er7Fault fault, string position);

    [LoggerMessage(4102, LogLevel.Warning, "Message {Id} has the control id of an earlier message of its facility and other content.")]
    private partial void LogControlIdReused(string id);
}
