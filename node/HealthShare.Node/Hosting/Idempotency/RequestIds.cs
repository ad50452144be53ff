using System.Security.Cryptography;
using System.Text;
using HealthShare.Node.Problems;
using HealthShare.Policy.Ids;

namespace HealthShare.Node.Hosting.Idempotency;

/// <summary>
/// Ids of what a request makes. Without an Idempotency-Key they are random. With one, a request that is served again, because nobody knows
/// how it ended, gets the same ones: what it made is found, and not made twice. Another request never does, nor the same one once its key
/// is forgotten.
/// </summary>
internal sealed class RequestIds
{
    private const int Bytes = 16;
    private static readonly RequestIds Random = new(null);

    private readonly string? seed;

    private RequestIds(string? seed) => this.seed = seed;

    /// <summary>The ids of a request that came with a key.</summary>
    /// <param name="seed">Random, kept with the key from when it was taken first.</param>
    public static RequestIds From(string seed) => new(seed);

    /// <summary>Hands the request's ids to an endpoint's parameter.</summary>
    public static ValueTask<RequestIds?> BindAsync(HttpContext http) => ValueTask.FromResult<RequestIds?>(http.Features.Get<RequestIds>() ?? Random);

    /// <summary>32 hexadecimal digits.</summary>
    /// <param name="what">What they name, such as <c>webhook</c>: a request may make several things.</param>
    public string Hex(string what) => Convert.ToHexStringLower(BytesOf(what));

    /// <summary>An id of the channel.</summary>
    public string Of(IdKind kind) => LedgerId.From(kind, BytesOf(kind.ToString()));

    /// <summary>Refuses where a request that made this before is served again: what it answered was shown once, or was lost.</summary>
    /// <param name="isMade">Whether there is such a thing.</param>
    /// <exception cref="ApiProblemException"><c>request.idempotency_answer_not_kept</c>.</exception>
    public static void CheckNotMade(bool isMade)
    {
        if (isMade)
            throw new ApiProblemException(IdempotencyKeys.NotKept);
    }

    private byte[] BytesOf(string what) => seed is null
        ? RandomNumberGenerator.GetBytes(Bytes)
        : HMACSHA256.HashData(Encoding.UTF8.GetBytes(seed), Encoding.UTF8.GetBytes(what))[..Bytes];
}
