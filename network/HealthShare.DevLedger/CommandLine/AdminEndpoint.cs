using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using HealthShare.DevLedger.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace HealthShare.DevLedger.CommandLine;

/// <summary>
/// Takes commands for a running ledger on the loopback interface, from whoever can read a file of the state folder that its
/// owner alone can read: the file holds the port and a random word that every request must carry.
/// </summary>
internal sealed class AdminEndpoint : IAsyncDisposable
{
    public const string FileName = "admin.json";
    private const int LargestRequest = 64 * 1024;
    private readonly WebApplication app;
    private readonly DevLedgerHost host;
    private readonly DevLedgerOptions options;
    private readonly string file;
    private readonly byte[] token = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    private AdminEndpoint(DevLedgerHost host, DevLedgerOptions options, ILoggerFactory loggers)
    {
        (this.host, this.options) = (host, options);
        file = Path.Combine(options.StateDirectory, FileName);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = LargestRequest;
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        app = builder.Build();
        app.Run(ServeAsync);
    }

    public static async Task<AdminEndpoint> StartAsync(
        DevLedgerHost host, DevLedgerOptions options, ILoggerFactory loggers, CancellationToken ct)
    {
        var endpoint = new AdminEndpoint(host, options, loggers);
        try
        {
            await endpoint.app.StartAsync(ct);
            endpoint.WriteDoor();
            return endpoint;
        }
        catch
        {
            await endpoint.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(file);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private void WriteDoor()
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        var draft = file + ".new";
        File.Delete(draft); // one that another left could be readable for others
        var creation = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            creation.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(draft, creation))
            JsonSerializer.Serialize(stream, new AdminDoor(address, Encoding.ASCII.GetString(token)), AdminJson.Default.AdminDoor);
        File.Move(draft, file, overwrite: true);
    }

    private async Task ServeAsync(HttpContext context)
    {
        var ct = context.RequestAborted;
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(context.Request.Headers.Authorization.ToString()), token))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }
        IssuedUser? issued = null;
        try
        {
            switch (context.Request.Method, context.Request.Path.Value)
            {
                case ("GET", "/status"):
                    break;
                case ("POST", "/organizations"):
                    await JoinAsync(await JsonSerializer.DeserializeAsync(context.Request.Body, AdminJson.Default.JoinRequest, ct), ct);
                    break;
                case ("POST", "/users"):
                    issued = Issue(await JsonSerializer.DeserializeAsync(context.Request.Body, AdminJson.Default.UserRequest, ct));
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return;
            }
            await context.Response.WriteAsJsonAsync(Status() with { Issued = issued }, AdminJson.Default.StatusReport, cancellationToken: ct);
        }
        catch (Exception e) when (e is ArgumentException or JsonException)
        {
            await RefuseAsync(StatusCodes.Status400BadRequest, e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            await RefuseAsync(StatusCodes.Status500InternalServerError, e.Message);
        }

        Task RefuseAsync(int status, string reason)
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsJsonAsync(new AdminRefusal(reason), AdminJson.Default.AdminRefusal, cancellationToken: ct);
        }
    }

    private async Task JoinAsync(JoinRequest? request, CancellationToken ct)
    {
        RequireText(request?.Org, "org");
        if (request is not { Port: >= 0 and <= IPEndPoint.MaxPort })
            throw new ArgumentException("The port is none: 1 to 65535, or 0 for one that the system chooses.");
        var organization = new OrganizationOptions
        {
            MspId = OrganizationNames.MspId(request.Org),
            Domain = OrganizationNames.Domain(request.Org),
            Endorses = request.Endorses,
            Listen = new IPEndPoint(IPAddress.Loopback, request.Port),
        };
        foreach (var policy in request.Policies)
            RequireText(policy.Value, $"policies.{policy.Key}");
        await host.AddOrganizationAsync(organization, request.Policies.ToDictionary(
            policy => policy.Key, policy => policy.Value == EndorsementPolicyText.Majority ? null : policy.Value), ct);
    }

    private IssuedUser Issue(UserRequest? request)
    {
        RequireText(request?.Org, "org");
        RequireText(request!.Name, "name");
        foreach (var attribute in request.Attributes)
            RequireText(attribute.Value, $"attributes.{attribute.Key}");
        var mspId = OrganizationNames.MspId(request.Org);
        var user = host.IssueUser(mspId, request.Name, request.Attributes);
        return new IssuedUser(mspId, user.Name, user.Cert, user.Key);
    }

    // Values of dictionaries may be null in JSON whatever their type says.
    private static void RequireText(string? value, string name)
    {
        if (string.IsNullOrEmpty(value))
            throw new ArgumentException($"The request has no '{name}'.");
    }

    private StatusReport Status() => new(
        options.Channel, host.ConnectionFile, host.Height, GatewayReport.Of(host), host.Failure?.Message);
}

/// <summary>Words that stand for a policy.</summary>
internal static class EndorsementPolicyText
{
    /// <summary>More than half of those that endorse.</summary>
    public const string Majority = "majority";
}
