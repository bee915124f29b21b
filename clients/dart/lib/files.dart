import 'package:http/http.dart' show MultipartFile;

export 'package:http/http.dart' show MultipartFile;

/// The link takes files out of the variables and sends them as parts of a form.
dynamic multipartFileToJson(MultipartFile file) => file;

/// No answer holds a file.
MultipartFile multipartFileFromJson(dynamic _) => throw UnsupportedError('Files are sent, never answered.');
