using System.Data.Common;
using System.Globalization;
using System.Net;
using HealthShare.Hl7;
using HealthShare.Hl7.Acknowledgements;
using HealthShare.Hl7.Mllp;
using HealthShare.Hl7.Values;
using HealthShare.Node.Intake.Journal;

namespace HealthShare.Node.Intake.Receiving;

/// <summary>Answers MLLP senders: positively only for what is durable.</summary>
internal sealed partial class MllpIntakeHandler(MessageReceiver receiver, TimeProvider clock, ILogger<MllpIntakeHandler> logger) : IMllpHandler
{
    private long lastControlId = clock.GetUtcNow().ToUnixTimeMilliseconds() * 1000;

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(
        ReadOnlyMemory<byte> message, EndPoint? sender, CancellationToken cancellationToken)
    {
        try
        {
            var receipt = await receiver.ReceiveAsync(message, "mllp", null, cancellationToken);
            return Answer(receipt.Message, receipt.Outcome, receipt.Error is null ? [] : [MessageFault.Of(receipt.Error, receipt.Message)]);
        }
        catch (Exception e) when (e is DbException or IOException)
        {
            LogNotStored(e);
            return Later(message, "The message could not be stored.");
        }
        catch (IntakeBusyException e)
        {
            LogNoRoom(e.Code);
            return Later(message, e.Message);
        }
    }

    private ReadOnlyMemory<byte> Later(ReadOnlyMemory<byte> message, string reason) => Answer(
        Er7Message.ParseHeader(message), Outcome.Rejected, [MessageFault.Internal(reason + " Send the message again later.")]);

    // Not as what is refused for now: an engine that sends it again for ever would hold up all that follows.
    public ReadOnlyMemory<byte> RefuseTooLarge(ReadOnlyMemory<byte> beginning, EndPoint? sender, int limit)
    {
        LogTooLarge(limit, sender); // nothing of it is kept, so the log is where it is found
        return Answer(Er7Message.ParseHeader(beginning), Outcome.Error, [MessageFault.Of(new Er7Error(Er7Fault.TooLarge, TooLong.Say("The message", limit), limit))]);
    }

    public ReadOnlyMemory<byte> RefuseConnection(ReadOnlyMemory<byte> beginning, int limit) => Answer(
        Er7Message.ParseHeader(beginning), Outcome.Rejected,
        [MessageFault.Internal(string.Create(CultureInfo.InvariantCulture, $"There are {limit} connections already; send it again later."))]);

    public ReadOnlyMemory<byte> RefuseForNow(ReadOnlyMemory<byte> beginning)
    {
        LogNoRoom(IntakeBusyException.Overloaded);
        return Later(beginning, "Too many large messages are under way.");
    }

    public void Closed(EndPoint? sender, string reason, Exception? failure) => LogClosed(sender, reason, failure);

    private ReadOnlyMemory<byte> Answer(Er7Message? received, Outcome outcome, IReadOnlyList<MessageFault> faults)
    {
        var header = received is null ? null : MessageHeader.Read(received);
        var code = AcknowledgementCode.For(outcome, header?.AcceptAcknowledgement ?? "", header?.ApplicationAcknowledgement ?? "");
        if (code is null)
            return default;
        var controlId = Interlocked.Increment(ref lastControlId).ToString(CultureInfo.InvariantCulture);
        return Acknowledgement.Write(received, code, controlId, clock.GetUtcNow(), faults);
    }

    [LoggerMessage(4111, LogLevel.Error, "A message could not be stored and was refused.")]
    private partial void LogNotStored(Exception e);

    [LoggerMessage(4114, LogLevel.Warning, "A message was refused for now: {Code}.")]
    private partial void LogNoRoom(string code);

    [LoggerMessage(4113, LogLevel.Warning, "A message of more than {Limit} bytes from {Sender} was refused.")]
    private partial void LogTooLarge(int limit, EndPoint? sender);

    [LoggerMessage(4112, LogLevel.Information, "MLLP connection of {Sender} ended: {Reason}")]
    private partial void LogClosed(EndPoint? sender, string reason, Exception? failure);
}
