using HealthShare.Node.ReadModel;

namespace HealthShare.Node.Access.Requests;

/// <summary>
/// Hands a record's bytes out for as long as it may be read: a block that ends the permit cuts the connection, however slowly the
/// reader takes the bytes. What has left already cannot be taken back.
/// </summary>
internal sealed class RecordDownload(IReadModel readModel, TimeProvider clock)
{
    private const int ChunkBytes = 64 * 1024;

    // A permit also ends by the time alone, without a block.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    /// <summary>Writes the bytes.</summary>
    /// <param name="http">The request that is answered.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="mediaType">Their type.</param>
    /// <param name="height">Number of blocks that the reading was permitted by.</param>
    /// <param name="stands">Whether it may be read at this moment.</param>
    /// <param name="ct">The caller went away.</param>
    /// <returns>False when it was cut.</returns>
    public async Task<bool> WriteAsync(
        HttpContext http, ReadOnlyMemory<byte> content, string mediaType, ulong height, Func<CancellationToken, Task<bool>> stands, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var watch = WatchAsync(height, stands, cut, over.Token);
        http.Response.ContentType = mediaType;
        http.Response.ContentLength = content.Length;
        var wasCut = false;
        try
        {
            for (var at = 0; at < content.Length; at += ChunkBytes)
            {
                cut.Token.ThrowIfCancellationRequested();
                await http.Response.Body.WriteAsync(content.Slice(at, Math.Min(ChunkBytes, content.Length - at)), cut.Token);
                await http.Response.Body.FlushAsync(cut.Token);
            }
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            wasCut = true;
            http.Abort(); // the length was announced: nobody takes the part for the whole
        }
        finally
        {
            await over.CancelAsync();
            await watch;
        }
        return !wasCut;
    }

    private async Task WatchAsync(ulong height, Func<CancellationToken, Task<bool>> stands, CancellationTokenSource cut, CancellationToken over)
    {
        try
        {
            while (true)
            {
                var next = readModel.Fault is null ? readModel.WaitForAsync(height, over) : Task.Delay(LookAgain, clock, over); // no block will come
                await next.WaitAsync(LookAgain, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                over.ThrowIfCancellationRequested();
                height = readModel.Height;
                if (await stands(over))
                    continue;
                await cut.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // All of it has left, or the caller has.
        }
        catch (Exception) when (!over.IsCancellationRequested)
        {
            await cut.CancelAsync(); // what cannot be looked up is not permitted
            throw;
        }
    }
}
