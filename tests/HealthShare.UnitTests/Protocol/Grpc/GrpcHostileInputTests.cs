using System.Net;
using HealthShare.Fabric.Protocol.Gateway;
using HealthShare.Fabric.Protocol.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace HealthShare.UnitTests.Protocol.Grpc;

/// <summary>Frames, headers and answers as no honest peer would send them.</summary>
public sealed class GrpcHostileInputTests
{
    public static TheoryData<byte[], StatusCode> BadRequests => new()
    {
        { [], StatusCode.Internal },
        { [0, 0, 0], StatusCode.Internal },
        { [0, 0, 0, 0, 9, 1, 2], StatusCode.Internal },
        { [1, 0, 0, 0, 2, 8, 1], StatusCode.Unimplemented },
        { [7, 0, 0, 0, 2, 8, 1], StatusCode.Internal },
        { [0, 0, 0, 0, 2, 0xff, 0xff], StatusCode.Internal },
        { [0, 0xff, 0xff, 0xff, 0xff, 1], StatusCode.ResourceExhausted },
        { [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], StatusCode.Internal },
    };

    public static TheoryData<byte[], string?, StatusCode> BadAnswers => new()
    {
        { [], "0", StatusCode.Internal },
        { [0, 0, 0], "0", StatusCode.Internal },
        { [1, 0, 0, 0, 0], "0", StatusCode.Internal },
        { [0, 0, 0, 0, 2, 0xff, 0xff], "0", StatusCode.Internal },
        { [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "0", StatusCode.Internal },
        { [0, 0x7f, 0xff, 0xff, 0xff], "0", StatusCode.ResourceExhausted },
        { [0, 0, 0, 0, 0], null, StatusCode.Unknown },
        { [0, 0, 0, 0, 0], "seven", StatusCode.Unknown },
        { [0, 0, 0, 0, 0], "99", StatusCode.Unknown },
        { [0, 0, 0, 0, 0], "5", StatusCode.NotFound },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public async Task A_malformed_request_is_refused_with_its_code(byte[] body, StatusCode expected)
    {
        await using var server = await GrpcTestServer.StartAsync(GrpcCallTests.MapEcho);
        using var http = new HttpClient();
        using var request = RawGrpc.Request(server.Address, FabricMethods.Evaluate.Path, body);

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(((int)expected).ToString(), response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_request_that_is_not_gRPC_is_refused_by_HTTP_status()
    {
        await using var server = await GrpcTestServer.StartAsync(GrpcCallTests.MapEcho);
        using var http = new HttpClient();
        using var request = RawGrpc.Request(server.Address, FabricMethods.Evaluate.Path, [0, 0, 0, 0, 0], "application/grpcx");

        using var response = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("-5S")]
    [InlineData("123456789S")]
    [InlineData("5x")]
    public async Task A_malformed_deadline_is_refused(string timeout)
    {
        await using var server = await GrpcTestServer.StartAsync(GrpcCallTests.MapEcho);
        using var http = new HttpClient();
        using var request = RawGrpc.Request(server.Address, FabricMethods.Evaluate.Path, [0, 0, 0, 0, 0]);
        request.Headers.TryAddWithoutValidation("grpc-timeout", timeout);

        using var response = await http.SendAsync(request);

        Assert.Equal("13", response.Headers.GetValues("grpc-status").Single());
    }

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task A_malformed_answer_fails_the_call_with_its_code(byte[] body, string? status, StatusCode expected)
    {
        await using var server = await ServeRawAsync(async http =>
        {
            http.Response.ContentType = "application/grpc";
            await http.Response.Body.WriteAsync(body);
            await http.Response.Body.FlushAsync();
            if (status is not null)
            {
                http.Response.AppendTrailer("grpc-status", status);
            }
        });

        Assert.Equal(expected, (await FailureAsync(server)).Status);
    }

    [Theory]
    [InlineData(200, "text/html", StatusCode.Unknown)]
    [InlineData(401, "text/plain", StatusCode.Unauthenticated)]
    [InlineData(403, "text/plain", StatusCode.PermissionDenied)]
    [InlineData(503, "text/plain", StatusCode.Unavailable)]
    [InlineData(302, "text/plain", StatusCode.Unknown)]
    public async Task An_answer_that_is_not_gRPC_becomes_a_status(int httpStatus, string contentType, StatusCode expected)
    {
        await using var server = await ServeRawAsync(http =>
        {
            http.Response.StatusCode = httpStatus;
            http.Response.ContentType = contentType;
            http.Response.Headers.Location = "https://elsewhere.example/";
            return Task.CompletedTask;
        });

        Assert.Equal(expected, (await FailureAsync(server)).Status);
    }

    [Theory]
    [InlineData("a%20b%C3%BC", "a bü")]
    [InlineData("100% %zz %", "100% %zz %")]
    public async Task A_status_in_headers_only_is_read_and_its_text_decoded(string sent, string expected)
    {
        await using var server = await ServeRawAsync(http =>
        {
            http.Response.ContentType = "application/grpc+proto";
            http.Response.Headers["grpc-status"] = "9";
            http.Response.Headers["grpc-message"] = sent;
            http.Response.Headers["grpc-status-details-bin"] = "CAk";
            return Task.CompletedTask;
        });

        var failure = await FailureAsync(server);

        Assert.Equal((StatusCode.FailedPrecondition, expected), (failure.Status, failure.Detail));
        Assert.Equal([8, 9], failure.StatusDetails.ToArray());
    }

    [Fact]
    public async Task Status_details_that_are_not_base64_count_as_none()
    {
        await using var server = await ServeRawAsync(http =>
        {
            http.Response.ContentType = "application/grpc";
            http.Response.Headers["grpc-status"] = "10";
            http.Response.Headers["grpc-status-details-bin"] = "!!!";
            return Task.CompletedTask;
        });

        var failure = await FailureAsync(server);

        Assert.Equal(StatusCode.Aborted, failure.Status);
        Assert.True(failure.StatusDetails.IsEmpty);
    }

    private static Task<GrpcTestServer> ServeRawAsync(RequestDelegate answer) =>
        GrpcTestServer.StartAsync(endpoints => endpoints.MapPost(FabricMethods.Evaluate.Path, answer));

    private static async Task<RpcException> FailureAsync(GrpcTestServer server)
    {
        await using var channel = new GrpcChannel(server.Address);
        return await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(FabricMethods.Evaluate, new EvaluateRequest()));
    }
}
