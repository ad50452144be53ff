using System.Net;

namespace HealthShare.Hl7.Mllp;

/// <summary>Takes the messages of an <see cref="MllpServer"/>. Called by many connections at the same time, by each in its order.</summary>
public interface IMllpHandler
{
    /// <summary>
    /// Handles a frame's content and returns the acknowledgement to send, or nothing (empty) where the sender asked for none. An exception
    /// closes the connection without an acknowledgement, so that the sender sends again.
    /// </summary>
    /// <param name="message">Content of the frame, which the handler may keep.</param>
    /// <param name="sender">Where it came from.</param>
    /// <param name="cancellationToken">Ends when a stop has waited long enough.</param>
    ValueTask<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> message, EndPoint? sender, CancellationToken cancellationToken);

    /// <summary>Answers a frame that is larger than the limit; nothing else of it is kept. The connection goes on where the frame's end is found.</summary>
    /// <param name="beginning">The first bytes of the frame.</param>
    /// <param name="sender">Where it came from.</param>
    /// <param name="limit">The limit in bytes.</param>
    ReadOnlyMemory<byte> RefuseTooLarge(ReadOnlyMemory<byte> beginning, EndPoint? sender, int limit);

    /// <summary>Answers the first message on a connection above the limit, which is closed after it; by default with nothing.</summary>
    /// <param name="beginning">The message, or its first bytes.</param>
    /// <param name="limit">The limit of connections.</param>
    ReadOnlyMemory<byte> RefuseConnection(ReadOnlyMemory<byte> beginning, int limit) => default;

    /// <summary>Answers a frame for which there is no room now, and of which nothing else is kept; by default with nothing. The connection goes on.</summary>
    /// <param name="beginning">The first bytes of the frame.</param>
    ReadOnlyMemory<byte> RefuseForNow(ReadOnlyMemory<byte> beginning) => default;

    /// <summary>Tells why a connection was closed other than by its sender at the end of a frame. Must not throw.</summary>
    /// <param name="sender">The other end.</param>
    /// <param name="reason">Why, in words that hold no content.</param>
    /// <param name="failure">The exception, where there is one.</param>
    void Closed(EndPoint? sender, string reason, Exception? failure);
}
