using System.Text;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Mllp;
using HealthShare.Hl7.Values;

namespace HealthShare.Node.Cli.Sending;

/// <summary>
/// One connection of a sending. It remembers the messages that may still be refused: those that asked for no answer when they are taken, and those
/// that were accepted for now (CA). A refusal that comes later names one of them by its control id (MSA-2). For one user at a time.
/// </summary>
internal sealed class SendConnection : IAsyncDisposable
{
    private const int LongestReason = 500;
    private readonly Dictionary<string, Open> open = new(StringComparer.Ordinal);
    private readonly SendTally tally;
    private readonly string address;
    private MllpClient client = null!; // there before anything can be answered
    private bool posted;
    private bool awaited; // a second answer

    private SendConnection(SendTally tally, string address)
    {
        this.tally = tally;
        this.address = address;
    }

    /// <summary>Connects; fails as <see cref="MllpClient.ConnectAsync(MllpClientOptions, CancellationToken)"/> does.</summary>
    public static async Task<SendConnection> ConnectAsync(MllpClientOptions target, SendTally tally, CancellationToken ct)
    {
        var connection = new SendConnection(tally, $"{target.Host}:{target.Port}");
        connection.client = await MllpClient.ConnectAsync(target with { Unmatched = connection.TakeLate }, ct);
        return connection;
    }

    /// <summary>Sends a message, waits for its acknowledgement where it asks for one, and tells the tally.</summary>
    /// <exception cref="MllpException">No acknowledgement came in time, or the connection broke.</exception>
    public async Task SendAsync(OutgoingMessage message, TimeProvider clock, CancellationToken ct)
    {
        var parsed = Er7Message.Parse(message.Bytes);
        if (!MllpClient.IsAnswered(parsed))
        {
            await client.PostAsync(message.Bytes, ct);
            tally.Post(message);
            Remember(parsed, message, accepted: false);
            posted = true;
            return;
        }
        var started = clock.GetTimestamp();
        var acknowledgement = await client.SendAsync(message.Bytes, ct);
        if (!acknowledgement.IsPositive)
        {
            tally.Refuse(message, Reason(acknowledgement));
            return;
        }
        tally.Take(message, clock.GetElapsedTime(started));
        if (acknowledgement.Code != "CA")
            return;
        Remember(parsed, message, accepted: true);
        awaited |= AcknowledgementCode.For(Outcome.Error, "NE", MessageHeader.Read(parsed).ApplicationAcknowledgement) is not null;
    }

    /// <summary>Says that nothing more comes, and takes the refusals that are still under way, where there may be any.</summary>
    public async Task FinishAsync(TimeSpan patience, CancellationToken ct)
    {
        if (!posted && !awaited)
            return;
        try
        {
            await client.CloseAsync(patience, ct);
        }
        catch (MllpException e) when (posted)
        {
            tally.Finding(address, $"The listener did not close the connection, so what asked for no answer may not have arrived: {e.Message}");
        }
        catch (MllpException)
        {
            // Everything here was acknowledged; a listener may send its second answers elsewhere, or much later.
        }
    }

    public ValueTask DisposeAsync() => client.DisposeAsync();

    private void Remember(Er7Message parsed, OutgoingMessage message, bool accepted)
    {
        var kept = new Open(message.File, message.Index, accepted); // without the bytes: there may be many
        foreach (var key in Keys(parsed.Header.Field(10)))
            open[key] = kept;
    }

    private void TakeLate(MllpAcknowledgement late)
    {
        if (late.IsPositive)
            return;
        var found = Keys(late.Message.Segment("MSA"u8).Field(2)).Select(key => open.GetValueOrDefault(key)).FirstOrDefault(kept => kept is not null);
        if (found is null)
        {
            tally.Finding(address, $"A refusal came that names no message which could still be refused: {Reason(late)}");
        }
        else if (!found.Refused)
        {
            found.Refused = true; // a second refusal of the same message says nothing new
            tally.RefuseLate(found.File, found.Index, found.Accepted, Reason(late));
        }
    }

    // As it stands, or as it reads where the two sides use other delimiters.
    private static string[] Keys(Er7Value controlId) =>
        controlId.IsEmpty ? [] : [.. new[] { Encoding.Latin1.GetString(controlId.Raw), controlId.Text }.Distinct(StringComparer.Ordinal)];

    private static string Reason(MllpAcknowledgement acknowledgement)
    {
        var error = acknowledgement.Message.Segment("ERR"u8);
        var code = error.Field(3).Component(1).Text is { Length: > 0 } stated ? stated : error.Field(1).Component(4).Subcomponent(1).Text;
        var words = error.Field(8).Text is { Length: > 0 } user ? user : acknowledgement.Message.Get("MSA-3").Text;
        return Plain(string.Join(' ', new[] { acknowledgement.Code, code, words }.Where(part => part.Length > 0)));
    }

    // The other end's words are shown on a terminal, which obeys some characters.
    private static string Plain(string words) =>
        string.Concat(words.Take(LongestReason).Select(letter => char.IsControl(letter) ? ' ' : letter));

    private sealed class Open(string file, int index, bool accepted)
    {
        public string File => file;

        public int Index => index;

        /// <summary>Whether it counts as accepted; else as one that asked for no answer.</summary>
        public bool Accepted => accepted;

        public bool Refused { get; set; }
    }
}
