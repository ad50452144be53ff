using System.Globalization;
using System.Threading.RateLimiting;
using HealthShare.Node.Auth;
using HealthShare.Node.Problems;
using HealthShare.Node.Receipts;
using Microsoft.Extensions.Options;

namespace HealthShare.Node.Hosting;

/// <summary>Keeps one caller from taking the node from the others, and slows down who guesses tokens.</summary>
internal static class RateLimits
{
    /// <summary>Name of the limit on emergencies: no hospital has twenty of them in a minute by one person.</summary>
    public const string Emergencies = "emergencies";

    /// <summary>Name of the limit on signatures for other members' receipts, by address.</summary>
    public const string Receipts = "receipts";

    private const int EmergenciesPerMinute = 20;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static IServiceCollection AddNodeRateLimits(this IServiceCollection services) => services.AddRateLimiter(limiter =>
    {
        limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(PartitionOf);
        limiter.AddPolicy(Emergencies, http => RateLimitPartition.GetFixedWindowLimiter(
            Caller.TryOf(http.User, out var caller) ? $"caller {caller.Name}" : $"address {http.Connection.RemoteIpAddress}",
            _ => new FixedWindowRateLimiterOptions { PermitLimit = EmergenciesPerMinute, Window = TimeSpan.FromMinutes(1) }));
        limiter.AddPolicy(Receipts, http => RateLimitPartition.GetFixedWindowLimiter($"address {http.Connection.RemoteIpAddress}",
            _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = http.RequestServices.GetRequiredService<IOptions<ReceiptsOptions>>().Value.SignaturesPerMinute,
                Window = TimeSpan.FromMinutes(1),
            }));
        limiter.OnRejected = async (context, ct) =>
        {
            var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
            context.HttpContext.Response.Headers.RetryAfter =
                Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            await ApiProblem.TooManyRequests.WriteAsync(context.HttpContext, ct);
        };
    });

    private static RateLimitPartition<string> PartitionOf(HttpContext http)
    {
        var options = http.RequestServices.GetRequiredService<IOptions<HttpOptions>>().Value;
        if (http.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
            return RateLimitPartition.GetNoLimiter("health");
        return Caller.TryOf(http.User, out var caller)
            ? RateLimitPartition.GetConcurrencyLimiter($"caller {caller.Name}", _ => new ConcurrencyLimiterOptions
            {
                PermitLimit = options.ConcurrentRequestsPerCaller,
                QueueLimit = options.WaitingRequestsPerCaller,
                QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
            })
            : RateLimitPartition.GetFixedWindowLimiter($"address {http.Connection.RemoteIpAddress}", _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = options.AnonymousRequestsPerTenSeconds,
                Window = Window,
            });
    }
}
