using System.Net;

namespace HealthShare.Vault.Content.Ipfs;

/// <summary>
/// The body of an answer. Its end is only an end when the daemon says so: a connection that breaks, and an <c>X-Stream-Error</c>
/// trailer behind a short body, are failures. A body that stands still for too long is one too.
/// </summary>
internal sealed class IpfsAnswer(string call, HttpResponseMessage response, Stream body, StallClock clock, bool windPerRead) : ForwardReadStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var stop = cancellationToken.CanBeCanceled
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token)
            : null;
        if (windPerRead)
            clock.Wind();
        try
        {
            var read = await body.ReadAsync(buffer, stop?.Token ?? clock.Token);
            if (read == 0 && buffer.Length > 0)
                CheckTrailers();
            IpfsMetrics.Got(call, read);
            return read;
        }
        catch (OperationCanceledException e) when (clock.IsOver && !cancellationToken.IsCancellationRequested)
        {
            throw new IpfsException(call, IpfsFailure.TimedOut, $"the answer was not complete within {clock.Limit}.", response.StatusCode, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException and not IpfsException)
        {
            throw new IpfsException(call, IpfsFailure.Cut, "the answer broke off.", response.StatusCode, e);
        }
        finally
        {
            // The caller's own work between two reads does not count.
            if (windPerRead)
                clock.Pause();
        }
    }

    /// <summary>Reads all of it into a buffer.</summary>
    /// <returns>How many bytes there were.</returns>
    /// <exception cref="IpfsException">It has more than fits.</exception>
    public async ValueTask<int> ReadAllAsync(Memory<byte> buffer)
    {
        var held = await this.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, CancellationToken.None);
        if (held == buffer.Length && await ReadAsync(new byte[1], CancellationToken.None) > 0)
            throw new IpfsException(call, IpfsFailure.BadAnswer, $"the answer is longer than {buffer.Length} bytes.", response.StatusCode);
        return held;
    }

    /// <summary>Reads all of it, at most <paramref name="limit"/> bytes.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAllAsync(int limit)
    {
        // Grows with what comes, not with what is allowed or announced.
        using var held = new MemoryStream();
        var part = new byte[Math.Min(limit, 8192)];
        for (int read; (read = await ReadAsync(part, CancellationToken.None)) > 0;)
        {
            if (held.Length + read > limit)
                throw new IpfsException(call, IpfsFailure.BadAnswer, $"the answer is longer than {limit} bytes.", response.StatusCode);
            held.Write(part, 0, read);
        }
        return held.GetBuffer().AsMemory(0, (int)held.Length);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            response.Dispose();
            clock.Dispose();
        }
        base.Dispose(disposing);
    }

    private void CheckTrailers()
    {
        // Cluster sends the trailer always, and leaves it empty when all went well.
        if (response.TrailingHeaders.TryGetValues("X-Stream-Error", out var errors)
            && string.Join("; ", errors.Where(error => error.Length > 0)) is { Length: > 0 } told)
            throw new IpfsException(call, IpfsFailure.Cut, IpfsErrors.Tidy(told), HttpStatusCode.OK);
    }
}
