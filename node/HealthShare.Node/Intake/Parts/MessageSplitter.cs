using HealthShare.Hl7;
using HealthShare.Node.Content;
using HealthShare.Node.Content.Parts;
using HealthShare.Vault.Records;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Intake.Parts;

/// <summary>
/// Cuts large documents and images out of a message, to be kept as records of their own: they are stored, moved and read without the text around
/// them, and that without them. What cannot be put back byte for byte stays where it is.
/// </summary>
internal sealed class MessageSplitter(IOptions<IntakeOptions> options)
{
    /// <summary>What is to be sealed of a message.</summary>
    /// <param name="context">Channel and id of its record.</param>
    /// <param name="message">The exact bytes received.</param>
    public RecordToSeal Split(RecordContext context, byte[] message)
    {
        var whole = new RecordToSeal(context, message);
        var threshold = options.Value.PartBytes;
        if (message.Length < threshold
            || !Er7Message.TryParse(message, Er7Limits.Default with { MaxBytes = int.MaxValue }, out var parsed, out _))
            return whole;
        var found = new List<(PartPlace Place, byte[] Data)>();
        foreach (var payload in Er7Payloads.Find(parsed!).Where(payload => payload.Data.Raw.Length >= threshold))
        {
            if (found.Count == RecordParts.Most)
                break;
            if (PayloadForm.TryRead(payload.Data.Raw, payload.Encoding.Text.Trim(), parsed!.Delimiters.Escape) is not var (form, data))
                continue;
            found.Add((new PartPlace(payload.Data.Offset, data.Length, form, MediaType.Of(payload.Type.Text, payload.Subtype.Text, data), payload.Path.ToString()), data));
        }
        return found.Count == 0 ? whole : new RecordToSeal(context, Skeleton.Write(message, [.. found.Select(part => part.Place)]))
        {
            Parts = [.. found.Select((part, i) => new PartToSeal(RecordParts.IdOf(context.RecordId, i + 1), part.Data))],
        };
    }
}
