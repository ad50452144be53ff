using System.Threading.RateLimiting;
using HealthShare.Node.Auth;
using HealthShare.Node.Events;
using HealthShare.Node.Problems;
using HealthShare.Node.Receipts;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>Keeps one caller from taking the node from the others, and slows down who guesses tokens.</summary>
internal static class RateLimits
{
    /// <summary>Name of the limit on emergencies: no hospital has twenty of them in a minute by one person.</summary>
    public const string Emergencies = "emergencies";

    /// <summary>Name of the limit on patients' one-time codes: nobody guesses them.</summary>
    public const string Handles = "handles";

    /// <summary>Name of the limit on signatures for other members' receipts, by address.</summary>
    public const string Receipts = "receipts";

    /// <summary>Name of the limit on steps of signing in, by address.</summary>
    public const string SignIn = "sign-in";

    private const int EmergenciesPerMinute = 20, HandlesPerMinute = 30;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddNodeRateLimits(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(PartitionOf);
        limiter.AddPolicy(Emergencies, http => RateLimitPartition.GetFixedWindowLimiter(CountedAs(http),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = EmergenciesPerMinute, Window = TimeSpan.FromMinutes(1) }));
        limiter.AddPolicy(Handles, http => RateLimitPartition.GetFixedWindowLimiter(CountedAs(http),
            _ => new FixedWindowRateLimiterOptions { PermitLimit = HandlesPerMinute, Window = TimeSpan.FromMinutes(1) }));
        limiter.AddPolicy(Receipts, http => RateLimitPartition.GetFixedWindowLimiter(AddressOf(http),
            _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = http.RequestServices.GetRequiredService<IOptions<ReceiptsOptions>>().Value.SignaturesPerMinute,
                Window = TimeSpan.FromMinutes(1),
            }));
        limiter.AddPolicy(SignIn, http => RateLimitPartition.GetFixedWindowLimiter(AddressOf(http),
            _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = http.RequestServices.GetRequiredService<IOptions<SignInOptions>>().Value.AttemptsPerMinute,
                Window = TimeSpan.FromMinutes(1),
            }));
        limiter.OnRejected = async (context, ct) =>
        {
            var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            await (ApiProblem.TooManyRequests with { RetryAfter = wait }).WriteAsync(context.HttpContext, ct);
        };
    });

    /// <summary>Whose requests are counted together: a person's, through whatever program they come; else an address's.</summary>
    internal static string CountedAs(HttpContext http) => Caller.TryOf(http.User, out var caller) ? caller.Person : AddressOf(http);

    private static string AddressOf(HttpContext http) => $"address {http.Connection.RemoteIpAddress}";

    private static RateLimitPartition<string> PartitionOf(HttpContext http)
    {
        var options = http.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value;
        if (http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
            return RateLimitPartition.GetNoLimiter("health");
        var isKnown = Caller.TryOf(http.User, out _);
        // Streams stay open; they have a bound of their own.
        if (isKnown && http.Request.Path.Equals(EventEndpoints.Path, StringComparison.OrdinalIgnoreCase))
            return RateLimitPartition.GetNoLimiter("events");
        return isKnown
            ? RateLimitPartition.GetConcurrencyLimiter(CountedAs(http), _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = options.ConcurrentRequestsPerCaller,
                QueueLimit = options.WaitingRequestsPerCaller,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            })
            : RateLimitPartition.GetFixedWindowLimiter(CountedAs(http), _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = options.AnonymousRequestsPerTenSeconds,
                Window = Window,
            });
    }
}
