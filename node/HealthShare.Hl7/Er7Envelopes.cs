using System.Globalization;
using System.Text;

namespace HealthShare.Hl7;

/// <summary>
/// Checks the envelopes of the batch protocol (FHS, BHS, BTS, FTS; HL7 v2, chapter 2, section 2.10.3). Messages that stand in no
/// envelope are fine; an envelope, once begun, must be closed, and the counts in its trailers must be right where they are given.
/// </summary>
public static class Er7Envelopes
{
    /// <summary>What is wrong with the envelopes of a file; nothing where all is well. Offsets count the file's bytes.</summary>
    /// <param name="pieces">The file's pieces, of <see cref="Er7File.Split"/>.</param>
    public static IReadOnlyList<Er7Error> Check(IReadOnlyList<Er7Piece> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var check = new Walk();
        foreach (var piece in pieces)
            check.Take(piece);
        check.End();
        return check.Errors;
    }

    private sealed class Walk
    {
        private Er7Piece? file;
        private Er7Piece? batch;
        private int batches;
        private int messages;
        private int messagesOutsideBatches;

        public List<Er7Error> Errors { get; } = [];

        public void Take(Er7Piece piece)
        {
            switch (piece.Kind)
            {
                case Er7PieceKind.FileHeader:
                    End();
                    (file, batches, messagesOutsideBatches) = (piece, 0, 0);
                    break;
                case Er7PieceKind.BatchHeader:
                    CloseBatch();
                    (batch, messages) = (piece, 0);
                    break;
                case Er7PieceKind.Message:
                    messages++;
                    messagesOutsideBatches += batch is null ? 1 : 0;
                    break;
                case Er7PieceKind.BatchTrailer when batch is null:
                    Fault("BTS", piece, "A batch ends (BTS) that did not begin (BHS).");
                    break;
                case Er7PieceKind.BatchTrailer:
                    Compare("BTS", piece, batch.Value, messages, "messages");
                    batch = null;
                    batches++;
                    break;
                case Er7PieceKind.FileTrailer:
                    CloseBatch();
                    if (file is null)
                        Fault("FTS", piece, "A file ends (FTS) that did not begin (FHS).");
                    else
                        // Messages of a file that stand in no batch count as one.
                        Compare("FTS", piece, file.Value, batches + (messagesOutsideBatches > 0 ? 1 : 0), "batches");
                    file = null;
                    break;
                default:
                    break;
            }
        }

        public void End()
        {
            CloseBatch();
            if (file is { } open)
                Fault("FHS", open, "A file begins (FHS) and does not end (FTS).");
            file = null;
        }

        private void CloseBatch()
        {
            if (batch is not { } open)
                return;
            Fault("BHS", open, "A batch begins (BHS) and does not end (BTS).");
            batch = null;
            batches++;
        }

        private void Fault(string segment, Er7Piece piece, string reason) =>
            Errors.Add(new Er7Error(Er7Fault.EnvelopeInvalid, reason, piece.Offset, segment));

        private void Compare(string segment, Er7Piece trailer, Er7Piece header, int actual, string what)
        {
            // The trailer is written in its header's delimiters; where those cannot be read, its own fourth byte is the separator.
            var line = trailer.Bytes.Span;
            if (line.Length < 5)
                return;
            var delimiters = Er7Delimiters.TryRead(FirstLine(header.Bytes.Span), out var stated, out _) is null ? stated
                : Er7Delimiters.Standard with { Field = line[3] };
            var rest = FirstLine(line)[4..];
            var end = line[3] == delimiters.Field ? rest.IndexOf(delimiters.Field) : rest.IndexOf(line[3]);
            var count = end < 0 ? rest : rest[..end];
            if (count.Trim((byte)' ').IsEmpty)
                return;
            if (!int.TryParse(Encoding.Latin1.GetString(count), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out var said))
                Errors.Add(new Er7Error(Er7Fault.FieldInvalid, $"The count of {what} ({segment}-1) is no number.", trailer.Offset + 4, segment, 0, 1));
            else if (said != actual)
                Errors.Add(new Er7Error(Er7Fault.CountMismatch, string.Create(CultureInfo.InvariantCulture,
                    $"{segment}-1 says {said} {what}; there are {actual}."), trailer.Offset + 4, segment, 0, 1));
        }

        private static ReadOnlySpan<byte> FirstLine(ReadOnlySpan<byte> text)
        {
            var end = text.IndexOfAny((byte)'\r', (byte)'\n');
            return end < 0 ? text : text[..end];
        }
    }
}
