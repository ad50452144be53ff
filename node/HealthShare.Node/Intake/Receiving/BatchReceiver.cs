using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>
/// Takes in what holds several messages: a batch with its envelopes (FHS, BHS, BTS, FTS), or messages one after the other. Where the envelopes
/// are wrong, or lines belong to no message, nothing is taken: the file may have been cut. A message that its sender split is put together where all of its
/// parts follow one another. What is taken in again has no second effect.
/// </summary>
internal sealed class BatchReceiver(MessageReceiver receiver)
{
    private const int MostPieces = 500_000;
    private const int MostTogether = 100; // in one commit, so that others come between
    private const int MostBytesTogether = 4 * 1024 * 1024;

    /// <summary>Takes the messages in, in their order.</summary>
    /// <param name="file">All of it; it must not change meanwhile.</param>
    /// <param name="door">The door, for the journal and metrics.</param>
    /// <param name="caller">Who brought it; null where the door knows no callers.</param>
    /// <param name="ct">Stops after a part of it.</param>
    /// <exception cref="IntakeBusyException">There is no room for more now; the same file may be brought again.</exception>
    /// <exception cref="System.Data.Common.DbException">It could not be made durable; the same file may be brought again.</exception>
    public async Task<BatchReceipt> ReceiveAsync(ReadOnlyMemory<byte> file, string door, string? caller, CancellationToken ct)
    {
        if (Fault(file, MostPieces, out var pieces) is { } fault)
            return new BatchReceipt(0, 0, 0, 0, [], CodeOf(fault), fault.ToString(), fault.Offset);
        var messages = FileMessage.Read(pieces);
        var items = new List<BatchItem>(messages.Count);
        while (items.Count < messages.Count)
        {
            var together = FileMessage.Together(messages, items.Count, MostTogether, MostBytesTogether);
            var receipts = await receiver.ReceiveAsync([.. together.Select(message => message.Bytes)], door, caller, ct);
            foreach (var (message, receipt) in together.Zip(receipts))
                items.Add(ItemOf(items.Count, message.Offset, receipt));
        }
        return new BatchReceipt(items.Count, items.Count(item => item.Accepted && !item.Duplicate), items.Count(item => item.Accepted && item.Duplicate),
            items.Count(item => !item.Accepted), items, null, null, null);
    }

    /// <summary>Why nothing of a file is taken; null where something is.</summary>
    /// <param name="file">The file.</param>
    /// <param name="most">Most messages and lines of envelopes.</param>
    /// <param name="pieces">Its pieces; none where there are too many.</param>
    public static Er7Error? Fault(ReadOnlyMemory<byte> file, int most, out List<Er7Piece> pieces)
    {
        pieces = [];
        if (Beginnings(file.Span) > most)
            return new Er7Error(Er7Fault.TooLarge, $"The file may hold more than {most} messages: bring it in parts.", 0);
        pieces = Er7File.Split(file);
        if (!pieces.Exists(piece => piece.Kind is Er7PieceKind.Message))
            return new Er7Error(Er7Fault.HeaderMissing, "There is no message: no MSH segment.", 0);
        if (pieces.Find(piece => piece.Kind is Er7PieceKind.Stray && !IsBlank(piece.Bytes.Span)) is { Bytes.IsEmpty: false } stray)
            return new Er7Error(Er7Fault.OutsideMessage, "Lines that belong to no message: no MSH segment before them.", Math.Min(stray.Offset, file.Length));
        return Er7Envelopes.Check(pieces) is [var first, ..] ? first : null;
    }

    // Messages and envelopes of four bytes each would take a hundred times the file's own size.
    private static int Beginnings(ReadOnlySpan<byte> file) =>
        file.Count("MSH"u8) + file.Count("FHS"u8) + file.Count("BHS"u8) + file.Count("BTS"u8) + file.Count("FTS"u8);

    private static bool IsBlank(ReadOnlySpan<byte> bytes) => bytes.Trim(" \t\r\n\0"u8).IsEmpty;

    private static BatchItem ItemOf(int index, int offset, Receipt receipt) => new(
        index, offset, receipt.Entry.Id, receipt.Outcome is Outcome.Accepted, StateName.Of(receipt.Entry.State), receipt.Entry.Duplicate,
        receipt.Entry.ControlIdReused, receipt.Error is null ? null : CodeOf(receipt.Error), receipt.Error?.ToString());

    private static string CodeOf(Er7Error error) => "message." + MessageReceiver.JsonName(error.Fault);
}

/// <summary>What became of several messages.</summary>
/// <param name="Messages">How many there were, each in one piece or put together from its parts; 0 where nothing was taken.</param>
/// <param name="Accepted">Accepted and new here.</param>
/// <param name="Duplicates">Accepted before; they have no second effect.</param>
/// <param name="Refused">Refused, and kept in quarantine.</param>
/// <param name="Items">Each message, in their order.</param>
/// <param name="Code">Why nothing was taken; null where something was.</param>
/// <param name="Reason">The same in words, with the place.</param>
/// <param name="Offset">Where, in bytes from the beginning.</param>
public sealed record BatchReceipt(
    int Messages, int Accepted, int Duplicates, int Refused, IReadOnlyList<BatchItem> Items, string? Code, string? Reason, int? Offset);

/// <summary>What became of one message of several.</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Id">Id of the message here, to ask for its state.</param>
/// <param name="Accepted">False when it was refused, and is in quarantine.</param>
/// <param name="State">How far it has come.</param>
/// <param name="Duplicate">True when the same message was here already.</param>
/// <param name="ControlIdReused">True when its facility used the same control id for other content.</param>
/// <param name="Code">Why it was refused; null where it was not.</param>
/// <param name="Reason">The same in words, with the place in the message.</param>
public sealed record BatchItem(
    int Index, int Offset, string Id, bool Accepted, string State, bool Duplicate, bool ControlIdReused, string? Code, string? Reason);
